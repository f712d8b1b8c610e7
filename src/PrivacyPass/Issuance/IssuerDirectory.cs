using System.Diagnostics.CodeAnalysis;

namespace PrivacyPass.Issuance;

/// <summary>An issuer's directory: where to send token requests, and its public keys in order of preference (RFC 9578, section 4).</summary>
public sealed class IssuerDirectory
{
    /// <summary>Where an issuer serves its directory, relative to its name.</summary>
    public const string WellKnownPath = "/.well-known/private-token-issuer-directory";

    /// <summary>The largest directory read, in bytes.</summary>
    public const int MaxSize = 256 * 1024;

    /// <summary>The most keys read or written.</summary>
    public const int MaxKeys = 256;

    /// <summary>Makes a directory.</summary>
    /// <param name="issuerRequestUri">An http or https URI, or a reference relative to the directory's own URI.</param>
    /// <param name="tokenKeys">At most 256 keys, the preferred one first.</param>
    /// <param name="batchLimits">How many tokens one request may be for; null where the issuer takes no batches.</param>
    /// <exception cref="ArgumentException">The URI is neither, or there are more keys.</exception>
    public IssuerDirectory(string issuerRequestUri, IEnumerable<IssuerDirectoryKey> tokenKeys, IssuerBatchLimits? batchLimits = null)
    {
        ArgumentNullException.ThrowIfNull(tokenKeys);
        if (!IsRequestUri(issuerRequestUri)) throw new ArgumentException("Not a relative reference, nor an http or https URI.", nameof(issuerRequestUri));
        IssuerDirectoryKey[] keys = [.. tokenKeys];
        if (keys.Length > MaxKeys) throw new ArgumentException("A directory has at most 256 keys.", nameof(tokenKeys));
        (IssuerRequestUri, TokenKeys, SkippedKeys, BatchLimits) = (issuerRequestUri, keys.AsReadOnly(), [], batchLimits);
    }

    /// <summary>A directory as read.</summary>
    internal IssuerDirectory(string? issuerRequestUri, List<IssuerDirectoryKey> tokenKeys, List<SkippedDirectoryKey> skippedKeys, IssuerBatchLimits? batchLimits) =>
        (IssuerRequestUri, TokenKeys, SkippedKeys, BatchLimits) = (issuerRequestUri, tokenKeys.AsReadOnly(), skippedKeys.AsReadOnly(), batchLimits);

    /// <summary>Where the directory of an issuer is: a URL without a path means the well-known one (RFC 9578, section 4), any other stays as it is.</summary>
    /// <param name="issuer">An absolute http or https URL.</param>
    public static Uri UrlOf(Uri issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return issuer.AbsolutePath == "/" ? new Uri(issuer, WellKnownPath) : issuer;
    }

    /// <summary>
    /// Where to POST token requests, as published: absolute, or relative to the directory; see <see cref="ResolveRequestUri"/>.
    /// Null where a directory that was read has none that can be used: its keys still verify tokens.
    /// </summary>
    public string? IssuerRequestUri { get; }

    /// <summary>The keys in the issuer's order of preference, those of unsupported types included. Keys that were read and are of supported types can be used.</summary>
    public IReadOnlyList<IssuerDirectoryKey> TokenKeys { get; }

    /// <summary>How many tokens one request may be for; null where the issuer does not say.</summary>
    public IssuerBatchLimits? BatchLimits { get; }

    /// <summary>The entries that were read, are of a supported type (or of none), and cannot be used.</summary>
    public IReadOnlyList<SkippedDirectoryKey> SkippedKeys { get; }

    /// <summary>
    /// Reads a directory. Liberal: trailing commas (the RFC's own example has them), keys with or without padding, unknown members,
    /// a byte order mark, comments, numbers such as 1.7e9. An entry that cannot be used costs only itself: it is in
    /// <see cref="SkippedKeys"/> when its type is a supported one, and ignored when not. Never throws.
    /// </summary>
    public static IssuerDirectoryError TryParse(ReadOnlySpan<byte> utf8Json, out IssuerDirectory? directory) =>
        IssuerDirectoryJson.TryRead(utf8Json, out directory);

    /// <summary>The directory as compact UTF-8 JSON, keys padded; the same directory always gives the same bytes.</summary>
    public byte[] WriteJson() => IssuerDirectoryJson.Write(this);

    /// <summary>The absolute URI of token requests, given where the directory was found.</summary>
    /// <exception cref="ArgumentException"><paramref name="directoryUri"/> is not an absolute http or https URI, or the directory has no request URI.</exception>
    public Uri ResolveRequestUri(Uri directoryUri)
    {
        ArgumentNullException.ThrowIfNull(directoryUri);
        if (!directoryUri.IsAbsoluteUri || !IsHttp(directoryUri))
            throw new ArgumentException("Not an absolute http or https URI.", nameof(directoryUri));
        return IssuerRequestUri is not null && Uri.TryCreate(directoryUri, IssuerRequestUri, out var uri) && IsHttp(uri)
            ? uri
            : throw new ArgumentException("The request URI cannot be resolved against it.", nameof(directoryUri));
    }

    /// <summary>The key a client uses: the first of the type that is usable now; null when there is none.</summary>
    public IssuerDirectoryKey? SelectKey(TokenType type, DateTimeOffset now) =>
        TokenKeys.FirstOrDefault(key => key.TokenType == (ushort)type && key.IsUsableAt(now));

    // Resolving against a base shows what a reference is; parsed alone, "/path" would be a file URI on Unix.
    internal static bool IsRequestUri([NotNullWhen(true)] string? text) =>
        !string.IsNullOrWhiteSpace(text) && Uri.TryCreate(new Uri("https://issuer.invalid/"), text, out var uri) && IsHttp(uri);

    private static bool IsHttp(Uri uri) => uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp;
}
