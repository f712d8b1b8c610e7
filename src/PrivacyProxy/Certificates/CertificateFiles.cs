using System.Security.Cryptography;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Certificates;

/// <summary>The PEM files of a certificate.</summary>
/// <param name="Certificate">The certificate, then its intermediates.</param>
/// <param name="Key">The private key; null where it is in the other file.</param>
internal sealed record CertificateFiles(string Certificate, string? Key)
{
    /// <exception cref="InvalidConfigurationException">They cannot be used.</exception>
    public ServerCertificate Load() => ServerCertificate.Load(Certificate, Key);

    /// <summary>
    /// Tells contents apart; the same for all that cannot be read. Not the times of the files: they may be links into a folder that is
    /// replaced as a whole, as Kubernetes does.
    /// </summary>
    public string Digest()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            Append(digest, Certificate);
            if (Key is not null) Append(digest, Key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }

        return Convert.ToHexString(digest.GetHashAndReset());
    }

    private static void Append(IncrementalHash digest, string file)
    {
        var bytes = File.ReadAllBytes(file);
        digest.AppendData(bytes);
        CryptographicOperations.ZeroMemory(bytes);
    }
}
