using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using PrivacyPass.Tests.BlindRsa;

namespace PrivacyPass.Tests;

/// <summary>Issuers of every type at once: new keys, but for type 0xDA7A, whose safe primes take long to find, those of the vectors.</summary>
internal static class TestIssuers
{
    // openssl prime -generate -bits 1024 -safe -hex
    private const string SafePrimeP = "D123FA5382BF1A96B146EE13CCFCCDC4ACD1A36872370C3887D17107071CFF178CCDC3FE610F500156C2AD08605A4D65AB6704F6000A20AAD5BC8228049232A8B1BF3B0A75160BE02B4164D3DD46F49485BE7ED6D24E0942BCD9CCF18FEA7EE06FD64978B99165C16696478937FB66EE488C92BAFCEFE70B1E312C5371F3CA17";
    private const string SafePrimeQ = "C43B3B3E955ACADF338CDFFF22FFCA2E926CBE61FB9753BAAD0C7DB6E214305EC12D445A4B675F2ECE59365ECE3A997C0A5AA33D0558038F71A582449656555440E913C348BB5E18BB3FA65B83C9C5BA5F2EB6E6093F8B71D3B55C60EFD9473157593B7E8A462226AADED37468B9ED1F56AA0FAD0AE318CF87C3E26EB74888CB";

    internal static ITokenIssuer Create(TokenType type) => type == TokenType.PartiallyBlindRsa2048
        ? TokenCryptography.ImportIssuer(type, BlindRsaVectorTests.Pkcs8(VectorFile.Read("public_metadata_DA7A_issuance")[0]))
        : TokenCryptography.GenerateIssuer(type);

    /// <summary>With another key than <see cref="Create"/>.</summary>
    internal static ITokenIssuer CreateOther(TokenType type)
    {
        if (type != TokenType.PartiallyBlindRsa2048) return TokenCryptography.GenerateIssuer(type);
        using var rsa = RSA.Create(Parameters(Convert.FromHexString(SafePrimeP), Convert.FromHexString(SafePrimeQ), [1, 0, 1]));
        return TokenCryptography.ImportIssuer(type, rsa.ExportPkcs8PrivateKey());
    }

    /// <summary>The key of a vector that gives p, q and e. (Those of partially blind RSA give d for another exponent.)</summary>
    internal static RSAParameters Parameters(JsonElement vector) => Parameters(vector.Hex("p"), vector.Hex("q"), vector.Hex("e"));

    private static RSAParameters Parameters(byte[] first, byte[] second, byte[] exponent)
    {
        BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
        var (p, q, e) = (Number(first), Number(second), Number(exponent));
        var size = 2 * first.Length;
        var d = Inverse(e, (p - 1) * (q - 1));
        return new RSAParameters
        {
            Modulus = Bytes(p * q, size),
            Exponent = exponent,
            D = Bytes(d, size),
            P = Bytes(p, size / 2),
            Q = Bytes(q, size / 2),
            DP = Bytes(d % (p - 1), size / 2),
            DQ = Bytes(d % (q - 1), size / 2),
            InverseQ = Bytes(Inverse(q, p), size / 2),
        };
    }

    internal static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        var (a, b, x, y) = (value, modulus, BigInteger.One, BigInteger.Zero);
        while (!b.IsZero)
        {
            var quotient = BigInteger.DivRem(a, b, out var remainder);
            (a, b, x, y) = (b, remainder, y, x - quotient * y);
        }

        return x.Sign < 0 ? x + modulus : x;
    }

    internal static byte[] Bytes(BigInteger value, int size)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[size - bytes.Length], .. bytes];
    }
}
