namespace PrivacyRelay.Configuration;

/// <summary>The version of HTTP a relay speaks to its proxies.</summary>
internal enum UpstreamVersion
{
    /// <summary>The newest that the proxy speaks and the network lets through.</summary>
    Auto = 0,

    /// <summary>HTTP/1.1: a connection for each tunnel.</summary>
    Http1,

    /// <summary>HTTP/2 with extended CONNECT: one connection for many tunnels.</summary>
    Http2,

    /// <summary>HTTP/3 with extended CONNECT to the first proxy; to a second one, through it, what <see cref="Auto"/> finds.</summary>
    Http3,
}
