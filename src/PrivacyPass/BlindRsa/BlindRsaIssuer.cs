using System.Security.Cryptography;

namespace PrivacyPass.BlindRsa;

/// <summary>Issues tokens of type 2 (RFC 9578, section 6.2).</summary>
internal sealed class BlindRsaIssuer : ITokenIssuer
{
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
    internal static BlindRsaIssuer Generate() => TakeOver(RSA.Create(RsaTokenKey.Bits));

    /// <summary>Reads PKCS#8 DER.</summary>
    /// <exception cref="TokenIssuanceException">It is not a sound RSA key of 2048 bits with exponent 65537.</exception>
    internal static BlindRsaIssuer Import(ReadOnlySpan<byte> pkcs8) => TakeOver(RsaTokenKey.Import(pkcs8));

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
            RsaTokenKey.Check(key.Exponent, probe => key.BlindSign(probe));
            return new BlindRsaIssuer(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
