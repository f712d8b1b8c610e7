using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyRelay.Configuration;

/// <summary>A PEM file with a certificate, its key, and the certificates between it and its authority, in any order but that its own comes first.</summary>
internal static class ClientCertificateFile
{
    /// <exception cref="InvalidDataException">It cannot be read, or lacks one of the two.</exception>
    public static SslStreamCertificateContext Read(string file)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(file);
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(file);
            return SslStreamCertificateContext.Create(certificate, all, offline: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}", e);
        }
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
