using System.ComponentModel.DataAnnotations;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Configuration;

public sealed class RelayOptionsTests
{
    [Fact]
    public void One_proxy_and_its_issuer_are_enough() => Assert.Empty(Problems(_ => { }));

    [Theory]
    [InlineData("https://user:KEY@proxy.example")]
    [InlineData("https://KEY@proxy.example:8443/")]
    [InlineData("https://@proxy.example")]
    [InlineData("https://proxy.example/path")]
    [InlineData("https://proxy.example/?key=KEY")]
    [InlineData("https://proxy.example/#KEY")]
    [InlineData("ftp://proxy.example")]
    [InlineData("proxy.example:8443")]
    [InlineData("https://")]
    [InlineData("")]
    public void A_proxy_is_a_bare_url(string proxy) => Assert.Equal(["Proxies:0"], Problems(o => o.Proxies = [proxy]));

    [Theory]
    [InlineData("https://user:KEY@issuer.example")]
    [InlineData("issuer.example")]
    public void An_issuer_is_a_url_without_credentials(string issuer) => Assert.Equal(["Issuers:0"], Problems(o => o.Issuers = [issuer]));

    [Fact]
    public void A_proxy_is_paid_one_way_and_each_is_paid()
    {
        Assert.Equal(["PresharedKeys"], Problems(o => o.PresharedKeys = ["k"]));
        Assert.Equal(["Issuers"], Problems(o => o.Issuers = []));
        Assert.Equal(["Issuers"], Problems(o => o.Issuers = ["https://a.example", "https://b.example"]));
        Assert.Equal(["PresharedKeys"], Problems(o => (o.Issuers, o.PresharedKeys) = ([], ["k", "l"])));
        Assert.Equal(["PresharedKeys"], Problems(o => (o.Issuers, o.PresharedKeys) = ([], ["with space"])));
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var problems = Problems(o =>
        {
            (o.Listen, o.Proxies, o.ProxyCa, o.Geohash) = ("nowhere", ["https://a", "https://b", "https://c"], "/no/such/file.pem", "not a hint");
            (o.MaxConnections, o.MaxUdpAssociations, o.MaxUdpDestinations, o.TokensHigh) = (0, 65_537, 5000, 4);
            (o.HandshakeTimeout, o.ConnectTimeout, o.IdleTimeout, o.UdpIdleTimeout) = (TimeSpan.Zero, TimeSpan.FromDays(2), -TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(119));
        });
        Assert.Equal(
            ["ConnectTimeout", "Geohash", "HandshakeTimeout", "IdleTimeout", "Listen", "MaxConnections", "MaxUdpAssociations", "MaxUdpDestinations", "Proxies", "ProxyCa", "TokensLow", "UdpIdleTimeout"],
            problems.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Two_hops_share_one_issuer_or_have_one_each()
    {
        var options = Valid();
        options.Proxies = ["https://near.example", "https://far.example:8443"];
        Assert.All(options.Hops, hop => Assert.Equal(new Uri("https://issuer.example"), hop.Issuer));
        options.Issuers = ["https://a.example", "https://b.example"];
        Assert.Equal([("near.example", "a.example"), ("far.example", "b.example")], options.Hops.Select(hop => (hop.Proxy.Host, hop.Issuer!.Host)));
    }

    private static RelayOptions Valid() => new() { Proxies = ["https://proxy.example:8443"], Issuers = ["https://issuer.example"] };

    private static IEnumerable<string> Problems(Action<RelayOptions> change)
    {
        var options = Valid().With(change);
        var attributes = new List<ValidationResult>();
        foreach (var property in typeof(RelayOptions).GetProperties())
            Validator.TryValidateProperty(property.GetValue(options), new ValidationContext(options) { MemberName = property.Name }, attributes);
        return [.. attributes.Concat(options.Validate(new ValidationContext(options))).SelectMany(result => result.MemberNames)];
    }
}
