using PrivacyPass.BlindRsa;
using PrivacyPass.Voprf;

namespace PrivacyPass;

/// <summary>Makes clients, issuers and verifiers by token type.</summary>
public static class TokenCryptography
{
    /// <summary>A client for an issuer's public key as found in its directory or in a challenge's token-key.</summary>
    /// <param name="type">The token type of the key.</param>
    /// <param name="publicKey">49 bytes for type 1, 342 for type 2; the key id is that of these very bytes.</param>
    /// <exception cref="TokenIssuanceException">The key is not a valid encoding for the type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static ITokenClient CreateClient(TokenType type, ReadOnlySpan<byte> publicKey) => type switch
    {
        TokenType.VoprfP384 => new VoprfClient(publicKey),
        TokenType.BlindRsa2048 => new BlindRsaClient(publicKey),
        _ => throw Unsupported(type),
    };

    /// <summary>A new issuer key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static ITokenIssuer GenerateIssuer(TokenType type) => type switch
    {
        TokenType.VoprfP384 => VoprfIssuer.Generate(),
        TokenType.BlindRsa2048 => BlindRsaIssuer.Generate(),
        _ => throw Unsupported(type),
    };

    /// <summary>An issuer from <see cref="ITokenIssuer.ExportPrivateKey"/>.</summary>
    /// <param name="type">The token type of the key.</param>
    /// <param name="privateKey">48-byte scalar for type 1, PKCS#8 DER for type 2. Secret; the caller clears it.</param>
    /// <exception cref="TokenIssuanceException">The key is not a valid private key for the type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public static ITokenIssuer ImportIssuer(TokenType type, ReadOnlySpan<byte> privateKey) => type switch
    {
        TokenType.VoprfP384 => VoprfIssuer.Import(privateKey),
        TokenType.BlindRsa2048 => BlindRsaIssuer.Import(privateKey),
        _ => throw Unsupported(type),
    };

    /// <summary>A verifier of type 2 from its 342-byte public key. Type 1 is privately verifiable: see <see cref="ITokenIssuer.CreateVerifier"/>.</summary>
    /// <exception cref="TokenIssuanceException">The key is not a valid type 2 encoding.</exception>
    public static ITokenVerifier CreateVerifier(ReadOnlySpan<byte> publicKey) => new BlindRsaVerifier(publicKey);

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
