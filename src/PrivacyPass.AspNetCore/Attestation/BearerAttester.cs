using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Gives tokens for bearer keys, each within its quota. Keys may change while it runs: one that stays as it is keeps what is used of its quota.</summary>
internal sealed class BearerAttester : ITokenRequestAttester, IDisposable
{
    private const string Scheme = "Bearer";

    private readonly TimeProvider _time;
    private readonly IDisposable? _changes;

    // Looked up by hash: the time of a look-up says nothing about how much of a guess was right.
    private volatile Dictionary<string, Quota> _keys = [];

    public BearerAttester(IOptionsMonitor<BearerAttesterOptions> options, TimeProvider time)
    {
        _time = time;
        Use(options.CurrentValue);
        _changes = options.OnChange(Use);
    }

    public string Description => $"Tokens for {_keys.Count} bearer key(s), each within its quota.";

    public void Dispose() => _changes?.Dispose();

    public ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Attest(context.Request.Headers.Authorization, 1));

    public ValueTask<AttestationResult> AttestBatchAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Attest(context.Request.Headers.Authorization, count));

    private void Use(BearerAttesterOptions options)
    {
        var before = _keys;
        _keys = options.Keys.ToDictionary(
            static key => Hash(key.Key),
            key => before.TryGetValue(Hash(key.Key), out var quota) && (quota.Tokens, quota.Length) == (key.Quota, key.Window)
                ? quota
                : new Quota(key.Quota, key.Window, new QuotaWindow(key.Quota, key.Window, _time)),
            StringComparer.Ordinal);
    }

    private AttestationResult Attest(StringValues authorization, int count)
    {
        if (authorization.Count != 1 || !TryReadKey(authorization[0], out var presented))
            return AttestationResult.Unauthenticated(Scheme, "Send one bearer key in Authorization.");
        if (!_keys.TryGetValue(Hash(presented), out var key))
            return AttestationResult.Unauthenticated(Scheme + " error=\"invalid_token\"", "The bearer key is not known.");
        if (key.Tokens == 0) return AttestationResult.Forbidden("The bearer key is suspended.");
        return key.Window.TryTake(count, out var retryAfter) ? AttestationResult.Allowed : AttestationResult.QuotaExceeded(retryAfter);
    }

    private static bool TryReadKey(string? authorization, out ReadOnlySpan<char> key)
    {
        key = default;
        if (authorization is null || authorization.Length > Scheme.Length + BearerAttesterOptions.LongestKey) return false;
        if (!authorization.StartsWith(Scheme + " ", StringComparison.OrdinalIgnoreCase)) return false;
        key = authorization.AsSpan(Scheme.Length + 1).Trim(' ');
        return !key.IsEmpty;
    }

    private static string Hash(ReadOnlySpan<char> key)
    {
        Span<byte> utf8 = stackalloc byte[BearerAttesterOptions.LongestKey * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], hash);
        return Convert.ToHexString(hash);
    }

    private sealed record Quota(int Tokens, TimeSpan Length, QuotaWindow Window);
}
