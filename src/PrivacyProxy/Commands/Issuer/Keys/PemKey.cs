using System.Security.Cryptography;
using PrivacyPass;

namespace PrivacyProxy.Commands.Issuer.Keys;

/// <summary>A private key as other tools know it: RSA for type 2, P-384 for type 1.</summary>
internal sealed class PemKey(TokenType type, byte[] privateKey) : IDisposable
{
    private const int LargestFile = 64 * 1024;

    public TokenType Type { get; } = type;

    /// <summary>PKCS#8 DER for type 2, the 48-byte scalar for type 1. Secret.</summary>
    public byte[] PrivateKey { get; } = privateKey;

    /// <exception cref="FormatException">It cannot be read, or holds no such key; never shows it.</exception>
    public static PemKey Read(string file)
    {
        string pem;
        try
        {
            if (new FileInfo(file).Length > LargestFile) throw new FormatException($"--pem: '{file}' is too large.");
            pem = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"--pem: '{file}' cannot be read: {e.Message}", e);
        }

        return ReadRsa(pem) ?? ReadP384(pem) ?? throw new FormatException($"--pem: '{file}' holds no private key of RSA or P-384 that is not encrypted.");
    }

    public string ToPem()
    {
        if (Type != TokenType.VoprfP384) return PemEncoding.WriteString("PRIVATE KEY", PrivateKey) + "\n";
        using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, D = PrivateKey });
        return ec.ExportPkcs8PrivateKeyPem() + "\n";
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(PrivateKey);

    private static PemKey? ReadRsa(string pem)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return new PemKey(TokenType.BlindRsa2048, rsa.ExportPkcs8PrivateKey());
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static PemKey? ReadP384(string pem)
    {
        using var ec = ECDsa.Create();
        try
        {
            ec.ImportFromPem(pem);
            return ec.KeySize == 384 && ec.ExportParameters(includePrivateParameters: true).D is { } scalar ? new PemKey(TokenType.VoprfP384, scalar) : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }
}
