namespace PrivacyPass;

/// <summary>Answers token requests with one issuer key (RFC 9578, sections 5.2 and 6.2). Safe for concurrent use.</summary>
public interface ITokenIssuer : IDisposable
{
    /// <summary>The type of the tokens it issues.</summary>
    TokenType Type { get; }

    /// <summary>The id of its key.</summary>
    TokenKeyId KeyId { get; }

    /// <summary>The public key as published in the directory: 49 bytes for type 1, 342 for types 2 and 0xDA7A, 32 for type 5.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Evaluates a TokenRequest into a TokenResponse; their sizes are in <see cref="TokenSizes"/>.</summary>
    /// <exception cref="TokenIssuanceException">The request is malformed, of another type or for another key (HTTP 422).</exception>
    byte[] Issue(ReadOnlySpan<byte> tokenRequest);

    /// <summary>A verifier for the tokens of this key; the caller disposes it.</summary>
    ITokenVerifier CreateVerifier();

    /// <summary>The private key for storage: 48-byte scalar for type 1, 32-byte scalar for type 5, PKCS#8 DER for types 2 and 0xDA7A. Secret.</summary>
    byte[] ExportPrivateKey();
}
