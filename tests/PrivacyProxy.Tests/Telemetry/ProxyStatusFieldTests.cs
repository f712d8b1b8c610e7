using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Telemetry;

public sealed class ProxyStatusFieldTests
{
    [Theory]
    [InlineData(null, null, "p.example; error=dns_error")]
    [InlineData(null, "NXDOMAIN", "p.example; error=dns_error; rcode=\"NXDOMAIN\"")]
    [InlineData("more", "SERVFAIL", "p.example; error=dns_error; rcode=\"SERVFAIL\"; details=\"more\"")]
    public void A_DNS_error_tells_its_response_code(string? details, string? rcode, string field) =>
        Assert.Equal(field, ProxyStatus.Field("p.example", ProxyStatusError.DnsError, details, rcode).Value);
}
