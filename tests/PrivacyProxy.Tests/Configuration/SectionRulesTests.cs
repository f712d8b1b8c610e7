using PrivacyProxy.Configuration;

namespace PrivacyProxy.Tests.Configuration;

/// <summary>What each section refuses: by its full key, its value and what is expected instead.</summary>
public sealed class SectionRulesTests
{
    [Fact]
    public void The_defaults_are_valid() => TestOptions.Of(("Authentication:Required", "false")).Dispose();

    [Theory]
    [InlineData("Tunnels:MaxTunnels", "0")]
    [InlineData("Tunnels:IdleTimeout", "-00:00:01")]
    [InlineData("Tunnels:ProxyName", "a \"b\"")]
    [InlineData("Tunnels:MaxRequestHeadSize", "1")]
    [InlineData("Tunnels:UdpIdleTimeout", "00:01:00")]
    [InlineData("Tunnels:UdpTemplate", "/{target_host}/")]
    [InlineData("Drain:Timeout", "-00:00:01")]
    [InlineData("Egress:AllowedPorts", "443;80")]
    [InlineData("Egress:Deny:0", "10.0.0.0/33")]
    [InlineData("Egress:Allow:0", "10.1")]
    [InlineData("Egress:ConnectTimeout", "00:00:00")]
    [InlineData("Egress:ResolutionDelay", "-00:00:01")]
    [InlineData("Egress:ConnectionAttemptDelay", "00:00:05")]
    [InlineData("Egress:KeepAliveTime", "00:00:00.5000000")]
    [InlineData("Egress:Resolver:Servers:0", "dns.example")]
    [InlineData("Egress:Resolver:Timeout", "00:00:00")]
    [InlineData("Egress:Resolver:Attempts", "0")]
    [InlineData("Egress:Resolver:MinimumTtl", "02:00:00")]
    [InlineData("Egress:Resolver:CacheEntries", "0")]
    [InlineData("Egress:Resolver:ConcurrentQueries", "-1")]
    [InlineData("Egress:Pools:0:Geohash", "xa")]
    [InlineData("Egress:Pools:0:Country", "Japan")]
    [InlineData("Egress:Pools:0:Addresses:0", "127.1")]
    public void A_bad_value_is_named_with_its_full_key_and_what_is_allowed(string key, string value)
    {
        (string, string)[] settings = [("Authentication:Required", "false"), (key, value), .. key.Contains(":Pools:", StringComparison.Ordinal) && !key.Contains("Addresses", StringComparison.Ordinal) ? [("Egress:Pools:0:Addresses:0", "127.0.0.1")] : Array.Empty<(string, string)>()];
        var message = Assert.Throws<InvalidConfigurationException>(() => TestOptions.Of(settings)).Message;
        Assert.StartsWith($"PrivacyProxy:{key} is \"{value}\": expected ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("more)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_pools_for_the_same_place_are_refused() =>
        Assert.StartsWith(
            "PrivacyProxy:Egress:Pools:1:Geohash is not set: expected each pair",
            Assert.Throws<InvalidConfigurationException>(() => TestOptions.Of(
                ("Authentication:Required", "false"), ("Egress:Pools:0:Addresses:0", "::1"), ("Egress:Pools:1:Addresses:0", "127.0.0.1"))).Message,
            StringComparison.Ordinal);
}
