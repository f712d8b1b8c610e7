namespace PrivacyRelay.Configuration;

/// <summary>One proxy on the way, and how it is paid.</summary>
internal sealed class HopOptions
{
    /// <summary><c>https://host:port</c>, or <c>http://</c> for a proxy without TLS.</summary>
    public required Uri Proxy { get; init; }

    /// <summary>The issuer whose tokens the proxy takes: its URL, or that of its directory. Not with <see cref="PresharedKey"/>.</summary>
    public Uri? Issuer { get; init; }

    /// <summary>A key sent with each tunnel instead of a token. Secret.</summary>
    public string? PresharedKey { get; init; }

    /// <summary>Never prints the key.</summary>
    public override string ToString() => nameof(HopOptions);
}
