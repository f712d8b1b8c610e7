using PrivacyProxy.Egress;

namespace PrivacyProxy.Tests.Egress;

public sealed class EgressOptionsValidatorTests
{
    public static TheoryData<string, string> Bad => new()
    {
        { "AllowedPorts", "'443;80'" },
        { "Deny:0", "'10.0.0.0/33'" },
        { "Allow:1", "'10.1'" },
        { "ConnectTimeout", "'00:00:00'" },
        { "ResolutionDelay", "'-00:00:01'" },
        { "ConnectionAttemptDelay", "'00:00:05'" },
        { "KeepAliveTime", "'00:00:00.5000000'" },
        { "Resolver:Servers:0", "'dns.example'" },
        { "Resolver:Timeout", "'00:00:00'" },
        { "Resolver:Attempts", "'0'" },
        { "Resolver:MinimumTtl", "'02:00:00'" },
        { "Resolver:CacheEntries", "'0'" },
        { "Resolver:ConcurrentQueries", "'-1'" },
        { "Pools:0:Geohash", "'xa'" },
        { "Pools:0:Country", "'Japan'" },
        { "Pools:0:Addresses:0", "'127.1'" },
        { "Pools:1:Addresses", "''" },
        { "Pools:2", "'-'" },
    };

    [Fact]
    public void The_defaults_are_valid() => Assert.True(new EgressOptionsValidator().Validate(null, new EgressOptions()).Succeeded);

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_value_is_named_with_its_full_key_and_what_is_allowed(string key, string value)
    {
        var options = new EgressOptions
        {
            AllowedPorts = "443;80",
            Deny = ["10.0.0.0/33"],
            Allow = ["2001:db8::/32", "10.1"],
            ConnectTimeout = TimeSpan.Zero,
            ResolutionDelay = TimeSpan.FromSeconds(-1),
            ConnectionAttemptDelay = TimeSpan.FromSeconds(5),
            KeepAliveTime = TimeSpan.FromSeconds(0.5),
            Resolver = new ResolverOptions
            {
                Servers = ["dns.example"],
                Timeout = TimeSpan.Zero,
                Attempts = 0,
                MinimumTtl = TimeSpan.FromHours(2),
                CacheEntries = 0,
                ConcurrentQueries = -1,
            },
            Pools =
            [
                new PoolOptions { Geohash = "xa", Country = "Japan", Addresses = ["127.1"] },
                new PoolOptions { Geohash = null, Country = null },
                new PoolOptions { Addresses = ["::1"] },
            ],
        };
        var failures = new EgressOptionsValidator().Validate(null, options).Failures!.ToList();
        Assert.Equal(Bad.Count, failures.Count);
        var failure = Assert.Single(failures, f => f.StartsWith($"PrivacyProxy:Egress:{key} is ", StringComparison.Ordinal));
        Assert.Contains($" is {value}; allowed: ", failure, StringComparison.Ordinal);
    }
}
