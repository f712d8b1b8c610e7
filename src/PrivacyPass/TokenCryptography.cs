namespace PrivacyPass;

/// <summary>Makes clients, issuers and verifiers by token type.</summary>
public static class TokenCryptography
{
    /// <summary>A client for an issuer's public key as found in its directory or in a challenge's token-key.</summary>
    /// <exception cref="TokenIssuanceException">The key is not a valid encoding for the type.</exception>
    public static ITokenClient CreateClient(TokenType type, ReadOnlySpan<byte> publicKey) => throw new NotSupportedException("not built yet");

    /// <summary>A new issuer key.</summary>
    public static ITokenIssuer GenerateIssuer(TokenType type) => throw new NotSupportedException("not built yet");

    /// <summary>An issuer from <see cref="ITokenIssuer.ExportPrivateKey"/>.</summary>
    /// <exception cref="TokenIssuanceException">The key is not a valid private key for the type.</exception>
    public static ITokenIssuer ImportIssuer(TokenType type, ReadOnlySpan<byte> privateKey) => throw new NotSupportedException("not built yet");

    /// <summary>A verifier of type 2 from its 342-byte public key. Type 1 is privately verifiable: see <see cref="ITokenIssuer.CreateVerifier"/>.</summary>
    /// <exception cref="TokenIssuanceException">The key is not a valid type 2 encoding.</exception>
    public static ITokenVerifier CreateVerifier(ReadOnlySpan<byte> publicKey) => throw new NotSupportedException("not built yet");
}
