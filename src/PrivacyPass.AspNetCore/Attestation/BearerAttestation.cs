using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using PrivacyPass.AspNetCore.Attestation.Quotas;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Knows clients by bearer keys, each with a quota. Keys may change while it runs: one that stays keeps what is used of its quota.</summary>
internal sealed class BearerAttestation : IAttestation, IDisposable
{
    /// <summary>The scheme of Authorization.</summary>
    public const string Scheme = "Bearer";

    private readonly IDisposable? _changes;

    // Looked up by hash: the time of a look-up says nothing about how much of a guess was right.
    private volatile Dictionary<string, TokenHolder> _keys = [];

    public BearerAttestation(IOptionsMonitor<BearerAttesterOptions> options)
    {
        Use(options.CurrentValue);
        _changes = options.OnChange(Use);
    }

    public string Description => $"Tokens for {_keys.Count} bearer key(s), each within its quota.";

    public bool ReadsAuthorization => true;

    public void Dispose() => _changes?.Dispose();

    public ValueTask<Recognition> RecognizeAsync(HttpContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Recognize(context.Request.Headers.Authorization));

    /// <summary>What stands behind "Bearer" in the only field; false where there is no such thing.</summary>
    public static bool TryRead(StringValues authorization, int longest, out ReadOnlySpan<char> credentials)
    {
        credentials = default;
        if (authorization.Count != 1 || authorization[0] is not { } text || text.Length > Scheme.Length + longest) return false;
        if (!text.StartsWith(Scheme + " ", StringComparison.OrdinalIgnoreCase)) return false;
        credentials = text.AsSpan(Scheme.Length + 1).Trim(' ');
        return !credentials.IsEmpty;
    }

    private void Use(BearerAttesterOptions options) =>
        _keys = options.Keys.ToDictionary(static key => Hash(key.Key), static key => new TokenHolder("bearer", Hash(key.Key), key.Quota, key.Window), StringComparer.Ordinal);

    private Recognition Recognize(StringValues authorization)
    {
        if (!TryRead(authorization, BearerAttesterOptions.LongestKey, out var presented))
            return Recognition.Refused(AttestationResult.Unauthenticated(Scheme, "Send one bearer key in Authorization."));
        return _keys.TryGetValue(Hash(presented), out var holder)
            ? Recognition.Of(holder)
            : Recognition.Refused(AttestationResult.Unauthenticated(Scheme + " error=\"invalid_token\"", "The bearer key is not known."));
    }

    private static string Hash(ReadOnlySpan<char> key)
    {
        Span<byte> utf8 = stackalloc byte[BearerAttesterOptions.LongestKey * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], hash);
        return Convert.ToHexString(hash);
    }
}
