using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.BlindRsa;

/// <summary>An RSA private key that signs blinded messages (RFC 9474, section 4.3). Safe for concurrent use.</summary>
internal sealed class BlindRsaPrivateKey : IDisposable
{
    private readonly RSA _rsa;
    private readonly EvpKey _key;
    private readonly BlindRsaSigner _signer;

    /// <summary>Takes over the key.</summary>
    internal BlindRsaPrivateKey(RSA rsa)
    {
        _rsa = rsa;
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        Public = new BlindRsaPublicKey(parameters.Modulus, parameters.Exponent);
        Exponent = parameters.Exponent!;
        var pkcs1 = rsa.ExportRSAPrivateKey();
        _key = EvpKey.FromRsaPrivateKey(pkcs1);
        CryptographicOperations.ZeroMemory(pkcs1);
        _signer = new BlindRsaSigner(Public, _key);
    }

    /// <summary>The public half.</summary>
    internal BlindRsaPublicKey Public { get; }

    /// <summary>The public exponent, big-endian.</summary>
    internal byte[] Exponent { get; }

    /// <summary>The key as PKCS#8 DER. Secret.</summary>
    internal byte[] ExportPkcs8() => _rsa.ExportPkcs8PrivateKey();

    /// <summary>BlindSign, see <see cref="BlindRsaSigner.BlindSign"/>.</summary>
    internal byte[] BlindSign(ReadOnlySpan<byte> blindedMessage) => _signer.BlindSign(blindedMessage);

    public void Dispose()
    {
        _key.Dispose();
        Public.Dispose();
        _rsa.Dispose();
    }
}
