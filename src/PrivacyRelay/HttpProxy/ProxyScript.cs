namespace PrivacyRelay.HttpProxy;

/// <summary>The file by which browsers are told of the relay, at <c>/proxy.pac</c> of its own port.</summary>
internal static class ProxyScript
{
    public static ReadOnlySpan<byte> Request => "GET /proxy.pac HTTP/1."u8;

    public const string MediaType = "application/x-ns-proxy-autoconfig";

    /// <summary>Everything goes through the relay, by names, and nothing past it when it is down; but for this machine itself.</summary>
    /// <param name="relay">Its address and port, <c>[v6]:port</c> for IPv6.</param>
    public static string Write(string relay) => $$"""
        function FindProxyForURL(url, host) {
          if (host === "localhost" || host === "127.0.0.1" || host === "::1" || host === "[::1]") return "DIRECT";
          return "SOCKS5 {{relay}}; PROXY {{relay}}";
        }

        """.ReplaceLineEndings("\n");
}
