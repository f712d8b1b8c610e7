using System.Security.Cryptography;
using PrivacyPass.BlindRsa;
using PrivacyPass.Issuance;
using PrivacyPass.Native;

namespace PrivacyPass.PartiallyBlindRsa;

/// <summary>Issues tokens of type 0xDA7A (draft-ietf-privacypass-public-metadata-issuance, section 4.2). Which extensions may be signed is the caller's to say.</summary>
internal sealed class PartiallyBlindRsaIssuer : ITokenIssuer
{
    private readonly PartiallyBlindRsaPrivateKey _key;
    private readonly byte[] _encodedKey;

    private PartiallyBlindRsaIssuer(PartiallyBlindRsaPrivateKey key)
    {
        _key = key;
        _encodedKey = RsassaPssSpki.Encode(key.Public.ModulusBytes);
        KeyId = TokenKeyId.Of(_encodedKey);
    }

    public TokenType Type => TokenType.PartiallyBlindRsa2048;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _encodedKey;

    /// <summary>A new key of two safe primes of 1024 bits each.</summary>
    internal static PartiallyBlindRsaIssuer Generate()
    {
        using var numbers = new SecretNumbers();
        var p = numbers.GenerateSafePrime(RsaTokenKey.Bits / 2);
        var q = numbers.GenerateSafePrime(RsaTokenKey.Bits / 2);
        // Both have their two highest bits set, so the product is of full size. Equal they are never.
        if (p.CompareTo(q) < 0) (p, q) = (q, p);
        var (p1, q1) = (numbers.LessOne(p), numbers.LessOne(q));
        var e = numbers.FromBytes(RsassaPssSpki.Exponent);
        const int Half = RsassaPssSpki.ModulusSize / 2;
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = SecretNumbers.Bytes(numbers.Product(p, q), RsassaPssSpki.ModulusSize),
            Exponent = RsassaPssSpki.Exponent.ToArray(),
            D = SecretNumbers.Bytes(numbers.Invert(e, numbers.Product(p1, q1)), RsassaPssSpki.ModulusSize),
            P = SecretNumbers.Bytes(p, Half),
            Q = SecretNumbers.Bytes(q, Half),
            DP = SecretNumbers.Bytes(numbers.Invert(e, p1), Half),
            DQ = SecretNumbers.Bytes(numbers.Invert(e, q1), Half),
            InverseQ = SecretNumbers.Bytes(numbers.Invert(q, p), Half),
        });
        return Of(rsa);
    }

    /// <summary>Reads PKCS#8 DER.</summary>
    /// <exception cref="TokenIssuanceException">It is not a sound RSA key of 2048 bits with exponent 65537 and safe primes.</exception>
    internal static PartiallyBlindRsaIssuer Import(ReadOnlySpan<byte> pkcs8)
    {
        using var rsa = RsaTokenKey.Import(pkcs8);
        return Of(rsa);
    }

    public byte[] Issue(ReadOnlySpan<byte> tokenRequest)
    {
        var blindedMessage = TokenRequestHeader.BlindedMessageFor(this, tokenRequest);
        // It was read before, so it can be again.
        TokenRequestView.TryRead(tokenRequest, out var request);
        if (request.Extensions.Length > TokenExtensions.LargestRead || !TokenExtensions.TryRead(request.Extensions, out _))
            throw new TokenIssuanceException("The extensions are malformed, or too many.");
        return _key.BlindSign(request.Extensions, blindedMessage);
    }

    public ITokenVerifier CreateVerifier() => new PartiallyBlindRsaVerifier(_encodedKey);

    public byte[] ExportPrivateKey() => _key.ExportPkcs8();

    public void Dispose() => _key.Dispose();

    private static PartiallyBlindRsaIssuer Of(RSA rsa)
    {
        var parameters = rsa.ExportParameters(includePrivateParameters: true);
        var key = new PartiallyBlindRsaPrivateKey(parameters, rsa.ExportPkcs8PrivateKey());
        try
        {
            RsaTokenKey.Check(parameters.Exponent, probe => key.BlindSign(TokenExtensions.Empty.Encoded.Span, probe));
            return new PartiallyBlindRsaIssuer(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
