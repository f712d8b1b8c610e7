using System.Security.Cryptography;

namespace PrivacyPass.BlindRsa;

/// <summary>Issues tokens of type 2 (RFC 9578, section 6.2).</summary>
internal sealed class BlindRsaIssuer : ITokenIssuer
{
    private const int KeyBits = 8 * RsassaPssSpki.ModulusSize;

    private readonly BlindRsaPrivateKey _key;
    private readonly byte[] _encodedKey;

    private BlindRsaIssuer(BlindRsaPrivateKey key)
    {
        _key = key;
        _encodedKey = RsassaPssSpki.Encode(key.Public.ModulusBytes);
        KeyId = TokenKeyId.Of(_encodedKey);
    }

    public TokenType Type => TokenType.BlindRsa2048;

    public TokenKeyId KeyId { get; }

    public ReadOnlyMemory<byte> PublicKey => _encodedKey;

    /// <summary>A new key of 2048 bits with exponent 65537.</summary>
    internal static BlindRsaIssuer Generate() => TakeOver(RSA.Create(KeyBits));

    /// <summary>Reads PKCS#8 DER.</summary>
    /// <exception cref="TokenIssuanceException">It is not a sound RSA key of 2048 bits with exponent 65537.</exception>
    internal static BlindRsaIssuer Import(ReadOnlySpan<byte> pkcs8)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(pkcs8, out var read);
            if (read != pkcs8.Length) throw new TokenIssuanceException("The private key has bytes after its end.");
            if (rsa.KeySize != KeyBits) throw new TokenIssuanceException($"A type 2 key has {KeyBits} bits.");
            return TakeOver(rsa);
        }
        catch (CryptographicException error)
        {
            rsa.Dispose();
            throw new TokenIssuanceException("The private key is not PKCS#8 DER of a sound RSA key.", error);
        }
        catch (TokenIssuanceException)
        {
            rsa.Dispose();
            throw;
        }
    }

    public byte[] Issue(ReadOnlySpan<byte> tokenRequest) =>
        _key.BlindSign(TokenRequestHeader.BlindedMessageFor(this, tokenRequest));

    public ITokenVerifier CreateVerifier() => new BlindRsaVerifier(_encodedKey);

    public byte[] ExportPrivateKey() => _key.ExportPkcs8();

    public void Dispose() => _key.Dispose();

    private static BlindRsaIssuer TakeOver(RSA rsa)
    {
        var key = new BlindRsaPrivateKey(rsa);
        try
        {
            if (!key.Exponent.AsSpan().SequenceEqual(RsassaPssSpki.Exponent))
                throw new TokenIssuanceException("A type 2 key has the exponent 65537.");
            SignProbe(key);
            return new BlindRsaIssuer(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    // Private parts that do not belong to the public ones must be found now, not at the first client: signing verifies its result.
    private static void SignProbe(BlindRsaPrivateKey key)
    {
        Span<byte> probe = stackalloc byte[RsassaPssSpki.ModulusSize];
        probe.Clear();
        probe[^1] = 2;
        key.BlindSign(probe);
    }
}
