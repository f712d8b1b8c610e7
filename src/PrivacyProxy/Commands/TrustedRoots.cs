using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.Commands;

/// <summary>Certificates of a --proxy-ca file, trusted besides those of the system.</summary>
internal static class TrustedRoots
{
    /// <exception cref="FormatException">The file cannot be read or holds no certificate; names the option.</exception>
    public static X509Certificate2Collection Read(string option, FileInfo? file)
    {
        var roots = new X509Certificate2Collection();
        if (file is null) return roots;
        try
        {
            roots.ImportFromPemFile(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"{option}: '{file}' cannot be read: {e.Message}", e);
        }

        return roots.Count > 0 ? roots : throw new FormatException($"{option}: '{file}' holds no PEM certificate.");
    }
}
