using Microsoft.AspNetCore.Http;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>
/// Decides who may have a token (the attester of RFC 9576, section 3.3). Asked once per well-formed token request; safe for concurrent use.
/// What it learns of a client must never reach the tokens: blinding keeps the two apart.
/// </summary>
public interface ITokenRequestAttester
{
    /// <summary>One line for the start of the issuer's log that says who may have tokens.</summary>
    string Description { get; }

    /// <summary>Decides about one token of the given type. A quota is used up by asking; see <see cref="ReturnAsync"/>.</summary>
    ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken);

    /// <summary>
    /// Decides about all tokens of a batch at once: none is given when they are not all allowed. Unless implemented, asks for one after
    /// the other up to the first refusal; one with quotas takes all from them or nothing.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="type">The type of the tokens.</param>
    /// <param name="count">How many; at least one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    async ValueTask<AttestationResult> AttestBatchAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken)
    {
        var result = AttestationResult.Allowed;
        for (var i = 0; i < count && result.IsAllowed; i++) result = await AttestAsync(context, type, cancellationToken);
        return result;
    }

    /// <summary>
    /// Takes tokens back that were allowed and then not issued, through no fault of the client: too many wait, or the issuer fails. Unless
    /// implemented, does nothing.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="type">The type of the tokens.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask ReturnAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
