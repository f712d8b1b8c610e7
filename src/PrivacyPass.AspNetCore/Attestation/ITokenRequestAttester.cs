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

    /// <summary>Decides about one token of the given type. A quota is used up by asking, also when issuance fails afterwards.</summary>
    ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken);
}
