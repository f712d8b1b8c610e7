using System.Security.Cryptography;

namespace PrivacyPass.Voprf;

/// <summary>Issues tokens of type 1 (RFC 9578, section 5.2).</summary>
internal sealed class VoprfIssuer : ITokenIssuer
{
    private const int SeedSize = 48;

    private readonly OprfPrivateKey _key;

    private VoprfIssuer(OprfPrivateKey key)
    {
        _key = key;
        KeyId = TokenKeyId.Of(key.PublicKey);
    }

    public TokenType Type => TokenType.VoprfP384;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _key.PublicKey;

    /// <summary>A new key, made as RFC 9578, section 5.5 recommends.</summary>
    internal static VoprfIssuer Generate()
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        RandomNumberGenerator.Fill(seed);
        var issuer = new VoprfIssuer(OprfPrivateKey.Derive(OprfSuite.Voprf, seed, "PrivacyPass"u8));
        CryptographicOperations.ZeroMemory(seed);
        return issuer;
    }

    /// <summary>Reads a 48-byte scalar.</summary>
    /// <exception cref="TokenIssuanceException">It is not a private key.</exception>
    internal static VoprfIssuer Import(ReadOnlySpan<byte> scalar) => new(new OprfPrivateKey(OprfSuite.Voprf, scalar));

    public byte[] Issue(ReadOnlySpan<byte> tokenRequest) => Issue(tokenRequest, proofRandomness: default);

    /// <summary>The same with a given r of the proof unless that is empty: for test vectors.</summary>
    internal byte[] Issue(ReadOnlySpan<byte> tokenRequest, ReadOnlySpan<byte> proofRandomness) =>
        _key.BlindEvaluate(TokenRequestHeader.BlindedMessageFor(this, tokenRequest), proofRandomness);

    public ITokenVerifier CreateVerifier()
    {
        var scalar = _key.Export();
        try
        {
            return new VoprfVerifier(scalar);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    public byte[] ExportPrivateKey() => _key.Export();

    public void Dispose() => _key.Dispose();
}
