namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>How a client speaks to the proxy.</summary>
public enum ProxyVersion
{
    Http1,
    Http1Tls,
    Http2,
    Http2Tls,
}
