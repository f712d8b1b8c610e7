using Microsoft.AspNetCore.Http;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Gives tokens to everybody: for development, where a token stands for nothing.</summary>
internal sealed class OpenAttester : ITokenRequestAttester
{
    public string Description => "NO ATTESTATION: this issuer gives tokens to everybody who asks. For development only.";

    public ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttestationResult.Allowed);

    public ValueTask<AttestationResult> AttestBatchAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken) =>
        AttestAsync(context, type, cancellationToken);
}
