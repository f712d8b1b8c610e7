using System.Globalization;
using System.Numerics;
using PrivacyPass;
using PrivacyPass.AspNetCore.Attestation;

namespace ProofOfWork;

/// <summary>
/// Gives tokens for work: a hash over the request itself that begins with enough zero bits. Nothing need be remembered of it, since the same
/// request a second time gets the same tokens.
/// </summary>
public sealed class WorkAttester(TimeProvider time) : ITokenRequestAttester
{
    /// <summary>About a million hashes for a token, twice as many for two.</summary>
    public const int Difficulty = 20;

    private static readonly TimeSpan _longestAge = TimeSpan.FromMinutes(5);

    public string Description => $"Tokens for everybody who has worked for them, {Difficulty} bits each.";

    public ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken) =>
        AttestBatchAsync(context, type, 1, cancellationToken);

    public async ValueTask<AttestationResult> AttestBatchAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken)
    {
        // Asked once for each type of a batch: one work must be enough for all.
        var asked = count + (int)(context.Items[this] ?? 0);
        context.Items[this] = asked;
        if (!TryRead(context.Request.Headers.Authorization, out var sent, out var nonce)) return AttestationResult.Unauthenticated(Work.Scheme, $"Send {Work.Scheme} time=SECONDS, nonce=NUMBER.");
        if ((time.GetUtcNow() - sent).Duration() > _longestAge) return AttestationResult.Unauthenticated(Work.Scheme, "The work is too old.");
        var needed = Difficulty + BitOperations.Log2((uint)asked) + (BitOperations.IsPow2(asked) ? 0 : 1);
        return Work.Bits(await BodyAsync(context, cancellationToken), sent, nonce) >= needed
            ? AttestationResult.Allowed
            : AttestationResult.Unauthenticated($"{Work.Scheme} bits={needed}", $"It takes {needed} bits.");
    }

    private static async Task<byte[]> BodyAsync(HttpContext context, CancellationToken cancellationToken)
    {
        // The endpoint has read it; UseWork has kept it.
        context.Request.Body.Position = 0;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }

    private static bool TryRead(string? authorization, out DateTimeOffset time, out ulong nonce)
    {
        (time, nonce) = (default, 0);
        var parts = authorization?.Split([' ', ',', '='], StringSplitOptions.RemoveEmptyEntries);
        if (parts is not [Work.Scheme, "time", var seconds, "nonce", var number]) return false;
        if (!uint.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var unix) || !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out nonce)) return false;
        time = DateTimeOffset.FromUnixTimeSeconds(unix);
        return true;
    }
}
