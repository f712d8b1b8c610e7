using System.Security.Cryptography.X509Certificates;
using PrivacyRelay.Configuration;

namespace PrivacyProxy.Commands;

/// <summary>Certificates of a --proxy-ca file, trusted besides those of the system.</summary>
internal static class TrustedRoots
{
    /// <exception cref="FormatException">The file cannot be read or holds no certificate; names the option.</exception>
    public static X509Certificate2Collection Read(string option, FileInfo? file)
    {
        if (file is null) return [];
        try
        {
            return CertificateFile.Read(file.FullName);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException($"{option} is \"{file}\": expected a PEM file with a certificate ({e.Message})", e);
        }
    }
}
