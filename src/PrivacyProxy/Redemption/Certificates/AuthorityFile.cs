using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Redemption.Certificates;

/// <summary>A PEM file of authorities.</summary>
internal static class AuthorityFile
{
    /// <exception cref="InvalidDataException">It cannot be read or holds none.</exception>
    public static X509Certificate2Collection Read(string file)
    {
        var read = new X509Certificate2Collection();
        try
        {
            read.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}", e);
        }

        return read.Count > 0 ? read : throw new InvalidDataException("it holds none");
    }

    /// <summary>Why it cannot be used, null when it can.</summary>
    public static string? Fault(string file) => UnusableFile.Why(() => Read(file));
}
