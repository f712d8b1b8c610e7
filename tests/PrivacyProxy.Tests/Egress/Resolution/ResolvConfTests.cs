using PrivacyProxy.Egress.Resolution;

namespace PrivacyProxy.Tests.Egress.Resolution;

public sealed class ResolvConfTests
{
    [Fact]
    public void Name_servers_are_read_in_order_up_to_three_and_the_rest_is_ignored()
    {
        var servers = ResolvConf.Parse(["# comment", "search example.org", "nameserver 192.0.2.53", "nameserver\t2001:db8::53 ; trailing", "nameserver bad", "options ndots:5", "nameserver 192.0.2.54", "nameserver 192.0.2.55"]);
        Assert.Equal(["192.0.2.53:53", "[2001:db8::53]:53", "192.0.2.54:53"], servers.Select(s => s.ToString()));
    }

    [Fact]
    public void Without_a_name_server_it_is_the_one_on_this_machine() =>
        Assert.Equal("127.0.0.1:53", Assert.Single(ResolvConf.Parse([])).ToString());

    [Theory]
    [InlineData("192.0.2.53", "192.0.2.53:53")]
    [InlineData("192.0.2.53:5353", "192.0.2.53:5353")]
    [InlineData("2001:db8::53", "[2001:db8::53]:53")]
    [InlineData("[2001:db8::53]:5353", "[2001:db8::53]:5353")]
    public void A_configured_server_has_port_53_unless_it_says_otherwise(string text, string server) =>
        Assert.Equal(server, ResolvConf.ParseServer(text).ToString());
}
