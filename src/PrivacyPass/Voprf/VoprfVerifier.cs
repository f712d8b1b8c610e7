using System.Security.Cryptography;

namespace PrivacyPass.Voprf;

/// <summary>Verifies tokens of type 1 with the private key (RFC 9578, section 5.4).</summary>
internal sealed class VoprfVerifier : ITokenVerifier
{
    private readonly OprfPrivateKey _key;

    /// <summary>Reads a 48-byte private scalar.</summary>
    internal VoprfVerifier(ReadOnlySpan<byte> scalar)
    {
        _key = new OprfPrivateKey(OprfSuite.Voprf, scalar);
        KeyId = TokenKeyId.Of(_key.PublicKey);
    }

    public TokenType Type => TokenType.VoprfP384;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _key.PublicKey;

    public bool Verify(in TokenView token) =>
        // The length comes first: a default TokenView has no bytes to ask for a type.
        token.Bytes.Length == TokenSizes.Token(TokenType.VoprfP384)
        && token.Type == TokenType.VoprfP384
        && token.KeyId == KeyId
        && CryptographicOperations.FixedTimeEquals(_key.Evaluate(token.AuthenticatorInput), token.Authenticator);

    public void Dispose() => _key.Dispose();
}
