using PrivacyPass.BlindRsa;
using PrivacyPass.PartiallyBlindRsa;
using PrivacyPass.Voprf;

namespace PrivacyPass;

/// <summary>Makes clients, issuers and verifiers by token type.</summary>
public static class TokenCryptography
{
    /// <summary>A client for an issuer's public key as found in its directory or in a challenge's token-key.</summary>
    /// <param name="type">The token type of the key.</param>
    /// <param name="publicKey">49 bytes for type 1, 342 for types 2 and 0xDA7A, 32 for type 5; the key id is that of these very bytes.</param>
    /// <exception cref="TokenIssuanceException">The key is not a valid encoding for the type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static ITokenClient CreateClient(TokenType type, ReadOnlySpan<byte> publicKey) => type switch
    {
        TokenType.VoprfP384 => new VoprfClient(VoprfTokenType.P384, publicKey),
        TokenType.BlindRsa2048 => new BlindRsaClient(publicKey),
        TokenType.VoprfRistretto255 => new VoprfClient(VoprfTokenType.Ristretto255, publicKey),
        TokenType.PartiallyBlindRsa2048 => new PartiallyBlindRsaClient(publicKey),
        _ => throw Unsupported(type),
    };

    /// <summary>A new issuer key. One of type 0xDA7A is made of safe primes, which takes seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static ITokenIssuer GenerateIssuer(TokenType type) => type switch
    {
        TokenType.VoprfP384 => VoprfIssuer.Generate(VoprfTokenType.P384),
        TokenType.BlindRsa2048 => BlindRsaIssuer.Generate(),
        TokenType.VoprfRistretto255 => VoprfIssuer.Generate(VoprfTokenType.Ristretto255),
        TokenType.PartiallyBlindRsa2048 => PartiallyBlindRsaIssuer.Generate(),
        _ => throw Unsupported(type),
    };

    /// <summary>An issuer from <see cref="ITokenIssuer.ExportPrivateKey"/>.</summary>
    /// <param name="type">The token type of the key.</param>
    /// <param name="privateKey">48-byte scalar for type 1, 32-byte scalar for type 5, PKCS#8 DER for types 2 and 0xDA7A. Secret; the caller clears it.</param>
    /// <exception cref="TokenIssuanceException">The key is not a valid private key for the type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static ITokenIssuer ImportIssuer(TokenType type, ReadOnlySpan<byte> privateKey) => type switch
    {
        TokenType.VoprfP384 => VoprfIssuer.Import(VoprfTokenType.P384, privateKey),
        TokenType.BlindRsa2048 => BlindRsaIssuer.Import(privateKey),
        TokenType.VoprfRistretto255 => VoprfIssuer.Import(VoprfTokenType.Ristretto255, privateKey),
        TokenType.PartiallyBlindRsa2048 => PartiallyBlindRsaIssuer.Import(privateKey),
        _ => throw Unsupported(type),
    };

    /// <summary>A verifier of type 2 from its 342-byte public key. Type 1 is privately verifiable: see <see cref="ITokenIssuer.CreateVerifier"/>.</summary>
    /// <exception cref="TokenIssuanceException">The key is not a valid type 2 encoding.</exception>
    public static ITokenVerifier CreateVerifier(ReadOnlySpan<byte> publicKey) => new BlindRsaVerifier(publicKey);

    /// <summary>A verifier of a publicly verifiable type (2 or 0xDA7A) from its public key.</summary>
    /// <exception cref="TokenIssuanceException">The key is not a valid encoding for the type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not publicly verifiable.</exception>
    public static ITokenVerifier CreateVerifier(TokenType type, ReadOnlySpan<byte> publicKey) => type switch
    {
        TokenType.BlindRsa2048 => new BlindRsaVerifier(publicKey),
        TokenType.PartiallyBlindRsa2048 => new PartiallyBlindRsaVerifier(publicKey),
        _ => throw Unsupported(type),
    };

    /// <summary>Why bytes are not a public key of a supported type; null when they are one.</summary>
    internal static string? ProblemOf(TokenType type, ReadOnlySpan<byte> publicKey)
    {
        try
        {
            CreateClient(type, publicKey).Dispose();
            return null;
        }
        catch (TokenIssuanceException exception)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    private static ArgumentOutOfRangeException Unsupported(TokenType type) => new(nameof(type), type, "Token type is not supported.");
}
