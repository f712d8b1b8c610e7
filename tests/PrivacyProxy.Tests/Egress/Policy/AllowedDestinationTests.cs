using System.Net;
using PrivacyProxy.Configuration;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Requests;
using PrivacyProxy.Tests.Configuration;

namespace PrivacyProxy.Tests.Egress.Policy;

/// <summary>Egress:AllowedDestinations: nothing else is dialled.</summary>
public sealed class AllowedDestinationTests
{
    private static readonly string[] _rules = ["b.example:443", "*.pool.example", "Mixed.Example.", "203.0.113.0/24:443", "[2001:db8::/32]:8443", "198.51.100.7"];

    [Theory]
    [InlineData("b.example", 443, true)]
    [InlineData("b.example", 80, false)]
    [InlineData("c.b.example", 443, false)]
    [InlineData("xb.example", 443, false)]
    [InlineData("one.pool.example", 80, true)]
    [InlineData("one.two.pool.example", 1, true)]
    [InlineData("pool.example", 443, false)]
    [InlineData("evilpool.example", 443, false)]
    [InlineData("mixed.example", 443, true)]
    [InlineData("203.0.113.9", 443, true)]
    [InlineData("203.0.113.9", 444, false)]
    [InlineData("203.0.114.9", 443, false)]
    [InlineData("2001:db8::9", 8443, true)]
    [InlineData("::ffff:203.0.113.9", 443, true)]
    [InlineData("198.51.100.7", 9, true)]
    [InlineData("198.51.100.8", 9, false)]
    public void Names_and_literals_are_what_is_listed(string host, int port, bool permitted)
    {
        var target = new TunnelTarget(host, IPAddress.TryParse(host, out var address) ? address : null, port);
        var isPermitted = Policy(_rules).Permits(target, out var allowed) && (address is null ? allowed.Contains(IPAddress.Parse("192.0.2.1")) : allowed.Contains(address));
        Assert.Equal(permitted, isPermitted);
    }

    [Fact]
    public void A_name_that_is_not_listed_is_dialled_only_at_a_listed_address()
    {
        Assert.True(Policy(_rules).Permits(new TunnelTarget("other.example", null, 443), out var allowed));
        Assert.True(allowed.Contains(IPAddress.Parse("203.0.113.1")));
        Assert.False(allowed.Contains(IPAddress.Parse("203.0.114.1")));
    }

    [Fact]
    public void Where_only_names_are_listed_another_is_not_even_resolved() =>
        Assert.False(Policy("b.example:443").Permits(new TunnelTarget("other.example", null, 443), out _));

    [Fact]
    public void Without_a_list_everything_is_as_it_was()
    {
        Assert.True(Policy().Permits(new TunnelTarget("other.example", null, 443), out var allowed));
        Assert.True(allowed.Contains(IPAddress.Parse("203.0.114.1")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.example")]
    [InlineData("*example")]
    [InlineData("b.example:0")]
    [InlineData("b.example:65536")]
    [InlineData("b.example:")]
    [InlineData("b.example:443x")]
    [InlineData("203.0.113.0/33")]
    [InlineData("203.0.113/24")]
    [InlineData("[2001:db8::/32")]
    [InlineData("[b.example]:443")]
    [InlineData("https://b.example")]
    [InlineData("b example")]
    [InlineData("b..example")]
    public void What_is_no_destination_stops_the_start_and_is_named(string rule)
    {
        var problem = Assert.Throws<InvalidConfigurationException>(() => TestOptions.Of(("Authentication:Required", "false"), ("Egress:AllowedDestinations:0", "ok.example"), ("Egress:AllowedDestinations:1", rule)));
        Assert.Contains("PrivacyProxy:Egress:AllowedDestinations:1", problem.Message, StringComparison.Ordinal);
    }

    private static EgressPolicy Policy(params string[] rules) => EgressSetup.Policy(options => options.AllowedDestinations = [.. rules]);
}
