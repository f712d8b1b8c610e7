namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Which curl and which flags speak a version to the proxy.</summary>
internal static class CurlProxy
{
    public static Curl For(ProxyVersion version) => version == ProxyVersion.Http2Tls ? Curl.Newer() : Curl.System;

    public static IEnumerable<string> Flags(ProxyProcess proxy, ProxyVersion version) => version switch
    {
        ProxyVersion.Http1 => ["--proxy", proxy.Plain.ToString()],
        ProxyVersion.Http1Tls => ["--proxy", proxy.Tls.ToString(), "--proxy-cacert", proxy.CaFile],
        ProxyVersion.Http2Tls => ["--proxy", proxy.Tls.ToString(), "--proxy-cacert", proxy.CaFile, "--proxy-http2", "--verbose"],
        _ => throw new ArgumentOutOfRangeException(nameof(version), version, "curl does not speak it to proxies."),
    };
}
