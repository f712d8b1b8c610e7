using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.BlindRsa;

/// <summary>An RSA private key that signs blinded messages (RFC 9474, section 4.3). Safe for concurrent use.</summary>
internal sealed class BlindRsaPrivateKey : IDisposable
{
    private readonly RSA _rsa;
    private readonly EvpKey _key;

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
    }

    /// <summary>The public half.</summary>
    internal BlindRsaPublicKey Public { get; }

    /// <summary>The public exponent, big-endian.</summary>
    internal byte[] Exponent { get; }

    /// <summary>The key as PKCS#8 DER. Secret.</summary>
    internal byte[] ExportPkcs8() => _rsa.ExportPkcs8PrivateKey();

    /// <summary>BlindSign: the private operation, its result verified before it leaves, so that a fault cannot give away the key.</summary>
    /// <exception cref="TokenIssuanceException">The blinded message is not a number of the modulus' size below it.</exception>
    /// <exception cref="CryptographicException">The result does not verify: the machine or the key is broken.</exception>
    internal byte[] BlindSign(ReadOnlySpan<byte> blindedMessage)
    {
        if (!Public.IsInRange(blindedMessage))
            throw new TokenIssuanceException($"The blinded message is not a number of {Public.Size} bytes below the modulus.");
        var signature = new byte[Public.Size];
        _key.RawPrivateOperation(blindedMessage, signature);

        Span<byte> check = stackalloc byte[BlindRsaPublicKey.LargestModulus];
        check = check[..Public.Size];
        if (!Public.TryRaise(signature, check) || !check.SequenceEqual(blindedMessage))
            throw new CryptographicException("The RSA private operation gave a wrong result; it was withheld.");
        return signature;
    }

    public void Dispose()
    {
        _key.Dispose();
        Public.Dispose();
        _rsa.Dispose();
    }
}
