namespace PrivacyPass.Voprf;

/// <summary>A token type of the privately verifiable kind (RFC 9578, section 5), and the suite that it computes with.</summary>
/// <param name="Type">The token type.</param>
/// <param name="Suite">The suite, in the mode with proof.</param>
internal sealed record VoprfTokenType(TokenType Type, OprfSuite Suite)
{
    /// <summary>Type 1 (RFC 9578, section 5).</summary>
    internal static VoprfTokenType P384 { get; } = new(TokenType.VoprfP384, OprfSuite.Voprf);

    /// <summary>Type 5 (draft-ietf-privacypass-batched-tokens, section 9.1).</summary>
    internal static VoprfTokenType Ristretto255 { get; } = new(TokenType.VoprfRistretto255, OprfSuite.Ristretto255);

    internal PrimeOrderGroup Group => Suite.Group;
}
