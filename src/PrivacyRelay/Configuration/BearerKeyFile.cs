using System.Buffers;
using System.Text;

namespace PrivacyRelay.Configuration;

/// <summary>A file with the bearer key, or the access token, for an issuer or attester that wants one.</summary>
internal static class BearerKeyFile
{
    // Access tokens are long.
    private const int LongestKey = 16 * 1024;

    // token68, what a bearer key is made of (RFC 6750, section 2.1).
    private static readonly SearchValues<char> _characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <exception cref="InvalidDataException">The file cannot be read or holds no key; the message says which, and never what is in it.</exception>
    public static string Read(string file)
    {
        string text;
        try
        {
            using var stream = File.OpenRead(file);
            // A key and its end of line; more is none.
            var bytes = new byte[LongestKey + 3];
            text = Encoding.ASCII.GetString(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message}", e);
        }

        var key = text.Trim();
        if (key.Length == 0) throw new InvalidDataException("it is empty");
        if (key.Length > LongestKey) throw new InvalidDataException($"it has more than {LongestKey} characters");
        return key.AsSpan().ContainsAnyExcept(_characters) ? throw new InvalidDataException("it holds something else than letters, digits and -._~+/= on one line") : key;
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
