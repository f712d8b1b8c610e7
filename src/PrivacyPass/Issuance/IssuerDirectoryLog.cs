using System.Text;

namespace PrivacyPass.Issuance;

/// <summary>
/// How versions of issuers' directories stand in transparency logs (docs/auditing.md): what an entry is, and what an issuer's own log is called.
/// An entry is made of what everybody has who has fetched the directory, so that everybody can look it up.
/// </summary>
public static class IssuerDirectoryLog
{
    /// <summary>Where an issuer serves its log, relative to its name.</summary>
    public const string Path = "/key-log";

    private static ReadOnlySpan<byte> Header => "private-token-issuer-directory/v1 "u8;

    /// <summary>The entry of a directory: a line with the issuer's name, then the directory's bytes as they were served.</summary>
    /// <param name="issuerName">The name that challenges carry; printable ASCII without blanks.</param>
    /// <param name="directory">The directory's bytes.</param>
    /// <exception cref="ArgumentException">The name has other characters.</exception>
    public static byte[] EncodeEntry(string issuerName, ReadOnlySpan<byte> directory)
    {
        ArgumentNullException.ThrowIfNull(issuerName);
        if (issuerName.Length == 0 || issuerName.AsSpan().ContainsAnyExceptInRange('!', '~')) throw new ArgumentException("Not printable ASCII without blanks.", nameof(issuerName));
        return [.. Header, .. Encoding.ASCII.GetBytes(issuerName), (byte)'\n', .. directory];
    }

    /// <summary>Takes an entry apart.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="issuerName">Whose directory it is.</param>
    /// <param name="directory">The directory's bytes.</param>
    /// <returns>False when it is an entry of another kind.</returns>
    public static bool TryDecodeEntry(ReadOnlySpan<byte> entry, out string issuerName, out ReadOnlySpan<byte> directory)
    {
        issuerName = "";
        directory = default;
        var end = entry.IndexOf((byte)'\n');
        if (!entry.StartsWith(Header) || end <= Header.Length || entry[Header.Length..end].ContainsAnyExceptInRange((byte)'!', (byte)'~')) return false;
        issuerName = Encoding.ASCII.GetString(entry[Header.Length..end]);
        directory = entry[(end + 1)..];
        return true;
    }

    /// <summary>The name (the "origin") of an issuer's own log.</summary>
    public static string OriginOf(string issuerName) => issuerName + Path;

    /// <summary>The issuer whose own log has a name; null when it is not the log of an issuer.</summary>
    public static string? IssuerOf(string origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return origin.Length > Path.Length && origin.EndsWith(Path, StringComparison.Ordinal) ? origin[..^Path.Length] : null;
    }

    /// <summary>Where an issuer's own log is served, unless it is elsewhere.</summary>
    /// <param name="directoryUri">Where its directory is; absolute.</param>
    public static Uri UrlOf(Uri directoryUri) => new(directoryUri, Path + "/");
}
