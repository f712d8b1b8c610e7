using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyRelay.Configuration;

/// <summary>A PEM file of authorities to trust.</summary>
internal static class CertificateFile
{
    /// <exception cref="InvalidDataException">The file cannot be read or holds no certificate; the message says which.</exception>
    public static X509Certificate2Collection Read(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message}", e);
        }

        return roots.Count > 0 ? roots : throw new InvalidDataException("it holds none");
    }

    /// <summary>Why it cannot be used, null when it can.</summary>
    public static string? Fault(string file)
    {
        try
        {
            Read(file);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
