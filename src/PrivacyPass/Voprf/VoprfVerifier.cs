using System.Security.Cryptography;

namespace PrivacyPass.Voprf;

/// <summary>Verifies tokens of types 1 and 5 with the private key (RFC 9578, section 5.4).</summary>
internal sealed class VoprfVerifier : ITokenVerifier
{
    private readonly VoprfTokenType _type;
    private readonly OprfPrivateKey _key;

    /// <summary>Reads a serialized private scalar.</summary>
    internal VoprfVerifier(VoprfTokenType type, ReadOnlySpan<byte> scalar)
    {
        _type = type;
        _key = new OprfPrivateKey(type.Suite, scalar);
        KeyId = TokenKeyId.Of(_key.PublicKey);
    }

    public TokenType Type => _type.Type;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _key.PublicKey;

    public bool Verify(in TokenView token) =>
        // The length comes first: a default TokenView has no bytes to ask for a type.
        token.Bytes.Length == TokenSizes.Token(Type)
        && token.Type == Type
        && token.KeyId == KeyId
        && CryptographicOperations.FixedTimeEquals(_key.Evaluate(token.AuthenticatorInput), token.Authenticator);

    public void Dispose() => _key.Dispose();
}
