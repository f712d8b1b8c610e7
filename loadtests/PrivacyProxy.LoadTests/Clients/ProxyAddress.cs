namespace PrivacyProxy.LoadTests.Clients;

/// <summary>Where a proxy under load listens.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">TCP, and UDP of HTTP/3.</param>
/// <param name="Tls">Whether it is reached over TLS. Its certificate is not what is measured, so any is taken.</param>
internal sealed record ProxyAddress(string Host, int Port, bool Tls);
