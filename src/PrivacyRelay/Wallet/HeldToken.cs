using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyRelay.Wallet;

/// <summary>A token that has not been sent, with the extensions it was asked for with.</summary>
internal sealed class HeldToken(byte[] token, TokenExtensions? extensions = null)
{
    private readonly DateTimeOffset? _expires = extensions is not null && extensions.TryGetExpiration(out var expiration) ? expiration : null;

    public ReadOnlyMemory<byte> Token => token;

    /// <summary>Whether a proxy may no longer take it.</summary>
    public bool IsExpired(DateTimeOffset now) => _expires <= now;

    /// <summary>The value of Proxy-Authorization or Authorization.</summary>
    public string WriteField() => extensions is null ? PrivateTokenCredentials.Write(token) : PrivateTokenCredentials.Write(token, extensions);

    /// <summary>Never prints the token.</summary>
    public override string ToString() => nameof(HeldToken);
}
