using System.Security.Cryptography;
using System.Text;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>The preshared keys, kept and compared as SHA-256: every key is compared in full, so time tells nothing.</summary>
internal sealed class PresharedKeys
{
    public const string Scheme = "Preshared";

    /// <summary>Longer credentials are wrong without being hashed.</summary>
    private const int LongestKey = 1024;

    private readonly byte[][] _hashes;

    public PresharedKeys(IEnumerable<string> keys) => _hashes = [.. keys.Select(static key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    public bool IsEmpty => _hashes.Length == 0;

    /// <summary>Decides about the value of a header field; null when its scheme is another.</summary>
    public RedemptionResult? Check(ReadOnlySpan<char> headerValue)
    {
        var value = headerValue.Trim(" \t");
        if (!value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = value[Scheme.Length..];
        if (!rest.IsEmpty && rest[0] is not (' ' or '\t')) return null;
        if (IsEmpty) return RedemptionResult.UnknownScheme;
        var key = rest.TrimStart(" \t");
        if (key.IsEmpty || key.ContainsAny(" \t,")) return RedemptionResult.Malformed;
        return Matches(key) ? RedemptionResult.PresharedAccepted : RedemptionResult.WrongPresharedKey;
    }

    private bool Matches(ReadOnlySpan<char> key)
    {
        Span<byte> bytes = stackalloc byte[LongestKey];
        if (!Encoding.UTF8.TryGetBytes(key, bytes, out var length)) return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        var matches = false;
        foreach (var known in _hashes) matches |= CryptographicOperations.FixedTimeEquals(hash, known);
        return matches;
    }
}
