using System.Formats.Asn1;
using System.Security.Cryptography;
using PrivacyPass.BlindRsa;
using PrivacyPass.Native;

namespace PrivacyPass.PartiallyBlindRsa;

/// <summary>
/// An RSA private key of safe primes that signs blinded messages bound to metadata (draft-irtf-cfrg-partially-blind-rsa, section 4.3).
/// With other primes an exponent could share a factor with the group's order. Safe for concurrent use.
/// </summary>
internal sealed class PartiallyBlindRsaPrivateKey : IDisposable
{
    private readonly byte[] _pkcs8;
    private readonly RSAParameters _parameters;
    private readonly RecentKeys<BlindRsaSigner> _derived = new();
    private volatile bool _disposed;

    /// <summary>Takes the key's parts; they are cleared with it.</summary>
    /// <exception cref="TokenIssuanceException">A prime is not safe.</exception>
    internal PartiallyBlindRsaPrivateKey(RSAParameters parameters, byte[] pkcs8)
    {
        if (!IsSafePrime(parameters.P!) || !IsSafePrime(parameters.Q!))
            throw new TokenIssuanceException("A key of type 0xDA7A is made of two safe primes.");
        _parameters = parameters;
        _pkcs8 = pkcs8;
        Public = new BlindRsaPublicKey(parameters.Modulus, parameters.Exponent);
    }

    /// <summary>The public half, before any metadata.</summary>
    internal BlindRsaPublicKey Public { get; }

    /// <summary>The key as PKCS#8 DER. Secret.</summary>
    internal byte[] ExportPkcs8() => [.. _pkcs8];

    /// <summary>BlindSign with the key that the metadata makes.</summary>
    /// <exception cref="TokenIssuanceException">The blinded message is not a number of the modulus' size below it.</exception>
    internal byte[] BlindSign(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> blindedMessage)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _derived.Get(metadata, Derive).BlindSign(blindedMessage);
    }

    public void Dispose()
    {
        _disposed = true;
        Public.Dispose();
        CryptographicOperations.ZeroMemory(_pkcs8);
        RsaTokenKey.Forget(_parameters);
    }

    /// <summary>DeriveKeyPair (section 4.6), with what the Chinese remainder theorem needs, as libcrypto takes it.</summary>
    private BlindRsaSigner Derive(byte[] metadata)
    {
        var exponent = MetadataKey.DeriveExponent(_parameters.Modulus, metadata);
        using var numbers = new SecretNumbers();
        var e = numbers.FromBytes(exponent);
        var p1 = numbers.LessOne(numbers.FromBytes(_parameters.P));
        var q1 = numbers.LessOne(numbers.FromBytes(_parameters.Q));
        var size = _parameters.P!.Length;
        var d = SecretNumbers.Bytes(numbers.Invert(e, numbers.Product(p1, q1)), _parameters.Modulus!.Length);
        var dp = SecretNumbers.Bytes(numbers.Invert(e, p1), size);
        var dq = SecretNumbers.Bytes(numbers.Invert(e, q1), size);

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            foreach (var part in new[] { _parameters.Modulus, exponent, d, _parameters.P, _parameters.Q!, dp, dq, _parameters.InverseQ! }) writer.WriteIntegerUnsigned(Trimmed(part));
        }

        var pkcs1 = writer.Encode();
        var signer = new BlindRsaSigner(new BlindRsaPublicKey(_parameters.Modulus, exponent), EvpKey.FromRsaPrivateKey(pkcs1));
        foreach (var secret in new[] { pkcs1, d, dp, dq }) CryptographicOperations.ZeroMemory(secret);
        writer.Reset();
        return signer;
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> number) => number.TrimStart((byte)0) is { IsEmpty: false } trimmed ? trimmed : [0];

    private static bool IsSafePrime(byte[] prime)
    {
        using var numbers = new SecretNumbers();
        var p = numbers.FromBytes(prime);
        return numbers.IsPrime(p) && numbers.IsPrime(numbers.Half(p));
    }
}
