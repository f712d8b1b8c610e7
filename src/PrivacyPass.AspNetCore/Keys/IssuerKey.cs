namespace PrivacyPass.AspNetCore.Keys;

/// <summary>One key of an issuer and the time it lives. Safe for concurrent use; the ring owns it.</summary>
public sealed class IssuerKey : IDisposable
{
    private readonly ITokenIssuer _issuer;

    internal IssuerKey(ITokenIssuer issuer, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        _issuer = issuer;
        NotBefore = notBefore;
        NotAfter = notAfter;
    }

    /// <summary>The type of its tokens.</summary>
    public TokenType Type => _issuer.Type;

    /// <summary>SHA-256 of the public key.</summary>
    public TokenKeyId KeyId => _issuer.KeyId;

    /// <summary>The public key as published: 49 bytes for type 1, 342 for types 2 and 0xDA7A, 32 for type 5.</summary>
    public ReadOnlyMemory<byte> PublicKey => _issuer.PublicKey;

    /// <summary>From when clients use it (RFC 9578, section 4, "not-before"); whole seconds.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when it issues and verifies; whole seconds. Tokens have no expiry of their own, so theirs is this.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Evaluates a TokenRequest for this key.</summary>
    /// <exception cref="TokenIssuanceException">The request is malformed or for another key.</exception>
    /// <exception cref="ObjectDisposedException">The key has been retired.</exception>
    public byte[] Issue(ReadOnlySpan<byte> tokenRequest) => _issuer.Issue(tokenRequest);

    /// <summary>Evaluates an AmortizedBatchTokenRequest for this key, of a type with <see cref="TokenSizes.CanAmortize"/>.</summary>
    /// <exception cref="TokenIssuanceException">The request is malformed or for another key, or the type has no batches.</exception>
    /// <exception cref="ObjectDisposedException">The key has been retired.</exception>
    public byte[] IssueBatch(ReadOnlySpan<byte> batchRequest) =>
        _issuer is IBatchTokenIssuer batches ? batches.IssueBatch(batchRequest) : throw new TokenIssuanceException("Tokens of this type have no amortized batches.");

    /// <summary>A verifier for its tokens; the caller disposes it.</summary>
    public ITokenVerifier CreateVerifier() => _issuer.CreateVerifier();

    /// <summary>Frees and clears the private key.</summary>
    public void Dispose() => _issuer.Dispose();

    internal byte[] Seal(IIssuerKeyVault vault) => vault.Seal(_issuer);
}
