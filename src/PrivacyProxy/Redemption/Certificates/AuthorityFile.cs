using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

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
