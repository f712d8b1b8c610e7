using System.Security.Cryptography;
using PrivacyPass.Issuance;

namespace PrivacyPass.Voprf;

/// <summary>Issues tokens of types 1 and 5 (RFC 9578, section 5.2), singly and in amortized batches.</summary>
internal sealed class VoprfIssuer : IBatchTokenIssuer
{
    private readonly VoprfTokenType _type;
    private readonly OprfPrivateKey _key;

    private VoprfIssuer(VoprfTokenType type, OprfPrivateKey key)
    {
        _type = type;
        _key = key;
        KeyId = TokenKeyId.Of(key.PublicKey);
    }

    public TokenType Type => _type.Type;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _key.PublicKey;

    /// <summary>A new key, made as RFC 9578, section 5.5 recommends.</summary>
    internal static VoprfIssuer Generate(VoprfTokenType type)
    {
        Span<byte> seed = stackalloc byte[OprfSuite.LargestElement];
        seed = seed[..type.Group.ScalarSize];
        RandomNumberGenerator.Fill(seed);
        var issuer = new VoprfIssuer(type, OprfPrivateKey.Derive(type.Suite, seed, "PrivacyPass"u8));
        CryptographicOperations.ZeroMemory(seed);
        return issuer;
    }

    /// <summary>Reads a serialized scalar.</summary>
    /// <exception cref="TokenIssuanceException">It is not a private key.</exception>
    internal static VoprfIssuer Import(VoprfTokenType type, ReadOnlySpan<byte> scalar) => new(type, new OprfPrivateKey(type.Suite, scalar));

    public byte[] Issue(ReadOnlySpan<byte> tokenRequest) => Issue(tokenRequest, proofRandomness: default);

    /// <summary>The same with a given r of the proof unless that is empty: for test vectors.</summary>
    internal byte[] Issue(ReadOnlySpan<byte> tokenRequest, ReadOnlySpan<byte> proofRandomness) =>
        _key.BlindEvaluate(TokenRequestHeader.BlindedMessageFor(this, tokenRequest), proofRandomness);

    public byte[] IssueBatch(ReadOnlySpan<byte> batchRequest) => IssueBatch(batchRequest, proofRandomness: default);

    /// <summary>The same with a given r of the proof unless that is empty: for test vectors.</summary>
    internal byte[] IssueBatch(ReadOnlySpan<byte> batchRequest, ReadOnlySpan<byte> proofRandomness)
    {
        if (!AmortizedBatchRequestView.TryRead(batchRequest, out var request) || request.Type != Type)
            throw new TokenIssuanceException($"This is not an amortized batch of token type {(ushort)Type}.");
        if (request.TruncatedKeyId != KeyId.Truncated) throw new TokenIssuanceException("The batch is for another key.");
        var response = _key.BlindEvaluate(request.BlindedElements, proofRandomness);
        return BatchVector.Prefixed(response, request.BlindedElements.Length);
    }

    public ITokenVerifier CreateVerifier()
    {
        var scalar = _key.Export();
        try
        {
            return new VoprfVerifier(_type, scalar);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    public byte[] ExportPrivateKey() => _key.Export();

    public void Dispose() => _key.Dispose();
}
