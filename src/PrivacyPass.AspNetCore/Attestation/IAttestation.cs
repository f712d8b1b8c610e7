using Microsoft.AspNetCore.Http;
using PrivacyPass.AspNetCore.Attestation.Quotas;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>One way to know who asks for tokens. Several may be on at once: <see cref="QuotaAttester"/>.</summary>
internal interface IAttestation
{
    /// <summary>One line for the start of the log.</summary>
    string Description { get; }

    /// <summary>Whether it looks at Authorization; otherwise at the connection.</summary>
    bool ReadsAuthorization { get; }

    /// <summary>Says who asks, or why that is nobody it knows.</summary>
    ValueTask<Recognition> RecognizeAsync(HttpContext context, CancellationToken cancellationToken);
}

/// <summary>Who asks, or the refusal.</summary>
internal readonly struct Recognition
{
    private Recognition(TokenHolder? holder, AttestationResult refusal) => (Holder, Refusal) = (holder, refusal);

    /// <summary>Null where it is nobody that is known.</summary>
    public TokenHolder? Holder { get; }

    /// <summary>What to answer then.</summary>
    public AttestationResult Refusal { get; }

    public static Recognition Of(TokenHolder holder) => new(holder, AttestationResult.Allowed);

    public static Recognition Refused(AttestationResult refusal) => new(null, refusal);
}
