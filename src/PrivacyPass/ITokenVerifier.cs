namespace PrivacyPass;

/// <summary>Checks the authenticator of tokens of one issuer key (RFC 9578, sections 5.4 and 6.4). Safe for concurrent use.</summary>
public interface ITokenVerifier : IDisposable
{
    /// <summary>The type of the tokens it verifies.</summary>
    TokenType Type { get; }

    /// <summary>The id of the issuer key.</summary>
    TokenKeyId KeyId { get; }

    /// <summary>The public key as in the issuer's directory: 49 bytes for type 1, 342 for types 2 and 0xDA7A, 32 for type 5.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>True when the authenticator is the issuer's over the token's 98-byte input and, for type 0xDA7A, its extensions; false for any other bytes, never an exception.</summary>
    bool Verify(in TokenView token);
}
