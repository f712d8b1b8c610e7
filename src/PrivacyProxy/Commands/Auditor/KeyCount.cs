using PrivacyPass;
using PrivacyPass.Issuance;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>Counts the keys of an issuer that are new: each client with a key of its own would need many.</summary>
/// <param name="most">So many of one type may be new within a day.</param>
internal sealed class KeyCount(int most)
{
    private static readonly TimeSpan _window = TimeSpan.FromDays(1);

    private readonly Dictionary<(int Type, TokenKeyId KeyId), DateTimeOffset?> _seen = [];

    /// <param name="directory">A version of the directory.</param>
    /// <param name="now">When it was first seen; null for versions from before this process looked.</param>
    /// <returns>Whether there are too many with those of this version.</returns>
    public bool Add(IssuerDirectory directory, DateTimeOffset? now)
    {
        var isNew = false;
        foreach (var key in directory.TokenKeys) isNew |= _seen.TryAdd((key.TokenType, key.KeyId), now);
        return isNew && now is { } time && _seen.Where(key => key.Value > time - _window).GroupBy(static key => key.Key.Type).Any(type => type.Count() > most);
    }
}
