using PrivacyPass.BlindRsa;

namespace PrivacyPass.PartiallyBlindRsa;

/// <summary>Verifies tokens of type 0xDA7A with their extensions.</summary>
internal sealed class PartiallyBlindRsaVerifier : ITokenVerifier
{
    private readonly BlindRsaPublicKey _key;
    private readonly byte[] _encodedKey;
    private readonly RecentKeys<BlindRsaPublicKey> _derived = new();

    /// <summary>Reads the 342-byte public key.</summary>
    internal PartiallyBlindRsaVerifier(ReadOnlySpan<byte> publicKey)
    {
        _key = RsassaPssSpki.Decode(publicKey);
        _encodedKey = publicKey.ToArray();
        KeyId = TokenKeyId.Of(publicKey);
    }

    public TokenType Type => TokenType.PartiallyBlindRsa2048;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _encodedKey;

    public bool Verify(in TokenView token) =>
        // The length comes first: a default TokenView has no bytes to ask for a type.
        token.Bytes.Length == TokenSizes.Token(Type)
        && token.Type == Type
        && token.KeyId == KeyId
        && token.Extensions.Length is >= 2 and <= 2 + ushort.MaxValue
        && _derived.Get(token.Extensions, metadata => MetadataKey.Derive(_key, metadata))
            .Verify(MetadataKey.Message(token.Extensions, token.AuthenticatorInput), token.Authenticator);

    public void Dispose() => _key.Dispose();
}
