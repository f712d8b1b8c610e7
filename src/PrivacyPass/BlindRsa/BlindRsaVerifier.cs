namespace PrivacyPass.BlindRsa;

/// <summary>Verifies tokens of type 2 (RFC 9578, section 6.4) without allocation.</summary>
internal sealed class BlindRsaVerifier : ITokenVerifier
{
    private readonly BlindRsaPublicKey _key;
    private readonly byte[] _encodedKey;

    /// <summary>Reads the 342-byte public key.</summary>
    internal BlindRsaVerifier(ReadOnlySpan<byte> publicKey)
    {
        _key = RsassaPssSpki.Decode(publicKey);
        _encodedKey = publicKey.ToArray();
        KeyId = TokenKeyId.Of(publicKey);
    }

    public TokenType Type => TokenType.BlindRsa2048;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _encodedKey;

    public bool Verify(in TokenView token) =>
        // The length comes first: a default TokenView has no bytes to ask for a type.
        token.Bytes.Length == TokenSizes.Token(TokenType.BlindRsa2048)
        && token.Type == TokenType.BlindRsa2048
        && token.KeyId == KeyId
        && _key.Verify(token.AuthenticatorInput, token.Authenticator);

    public void Dispose() => _key.Dispose();
}
