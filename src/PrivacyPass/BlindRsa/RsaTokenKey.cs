using System.Security.Cryptography;

namespace PrivacyPass.BlindRsa;

/// <summary>What RSA keys of types 2 and 0xDA7A have alike: their size, their exponent, and how they are read.</summary>
internal static class RsaTokenKey
{
    public const int Bits = 8 * RsassaPssSpki.ModulusSize;

    /// <summary>Reads PKCS#8 DER of an RSA key of 2048 bits; the caller disposes it.</summary>
    /// <exception cref="TokenIssuanceException">It is none.</exception>
    public static RSA Import(ReadOnlySpan<byte> pkcs8)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(pkcs8, out var read);
            if (read != pkcs8.Length) throw new TokenIssuanceException("The private key has bytes after its end.");
            // libcrypto reads keys that .NET does not (of another version than 0): known here, not by who asks for their numbers.
            Forget(rsa.ExportParameters(includePrivateParameters: true));
            return rsa.KeySize == Bits ? rsa : throw new TokenIssuanceException($"The key has {Bits} bits.");
        }
        catch (CryptographicException error)
        {
            rsa.Dispose();
            throw Unsound(error);
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }

    /// <summary>Looks at a key before its first use: private parts that do not belong to the public ones must be found now, not at the first client.</summary>
    /// <param name="exponent">The public one.</param>
    /// <param name="sign">Signs, and verifies its result.</param>
    /// <exception cref="TokenIssuanceException">It is not sound.</exception>
    public static void Check(ReadOnlySpan<byte> exponent, Action<byte[]> sign)
    {
        if (!exponent.SequenceEqual(RsassaPssSpki.Exponent)) throw new TokenIssuanceException("The key has the exponent 65537.");
        var probe = new byte[RsassaPssSpki.ModulusSize];
        probe[^1] = 2;
        try
        {
            sign(probe);
        }
        catch (CryptographicException error)
        {
            throw Unsound(error);
        }
    }

    /// <summary>Overwrites the private numbers of an exported key.</summary>
    public static void Forget(in RSAParameters parameters)
    {
        foreach (var number in new[] { parameters.D, parameters.P, parameters.Q, parameters.DP, parameters.DQ, parameters.InverseQ }) CryptographicOperations.ZeroMemory(number);
    }

    private static TokenIssuanceException Unsound(CryptographicException error) => new("The private key is not PKCS#8 DER of a sound RSA key.", error);
}
