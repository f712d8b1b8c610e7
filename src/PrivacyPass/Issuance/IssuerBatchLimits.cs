namespace PrivacyPass.Issuance;

/// <summary>
/// The most tokens an issuer gives for one request of each kind (draft-ietf-privacypass-batched-tokens); 0 where it takes none. The draft
/// leaves it to the client to try: this is our own member <c>batch-limits</c> of the directory, which other readers ignore.
/// </summary>
/// <param name="Amortized">Of one key, with one proof (section 5).</param>
/// <param name="Generic">Of any types and keys (section 6).</param>
public sealed record IssuerBatchLimits(int Amortized, int Generic)
{
    /// <summary>The one for tokens of a type, amortized where both type and issuer can; 0 when the issuer takes no batch of it.</summary>
    public int For(TokenType type) => TokenSizes.CanAmortize(type) && Amortized > 0 ? Amortized : Generic;
}
