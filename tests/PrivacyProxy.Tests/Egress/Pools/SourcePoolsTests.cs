using System.Net.Sockets;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Pools;

namespace PrivacyProxy.Tests.Egress.Pools;

public sealed class SourcePoolsTests
{
    private readonly SourcePools _pools = EgressSetup.Pools(
        new PoolOptions { Addresses = ["127.0.0.1"] },
        new PoolOptions { Geohash = "xn", Addresses = ["127.0.0.2"] },
        new PoolOptions { Geohash = "xn76", Addresses = ["127.0.0.3"] },
        new PoolOptions { Geohash = "u33", Country = "DE", Addresses = ["127.0.0.4"] },
        new PoolOptions { Country = "JP", Addresses = ["127.0.0.5"] },
        new PoolOptions { Country = "PL", Addresses = ["127.0.0.6"] });

    [Theory]
    [InlineData("xn76c-JP", "127.0.0.3")]
    [InlineData("xn76-JP", "127.0.0.3")]
    [InlineData("XN76C-jp", "127.0.0.3")]
    [InlineData("\"xn76c-JP\"", "127.0.0.3")]
    [InlineData("xn7-JP", "127.0.0.2")]
    [InlineData("xn76cydhz0bc-JP", "127.0.0.3")]
    [InlineData("u33d-DE", "127.0.0.4")]
    public void The_longest_matching_prefix_chooses(string hint, string source) => Assert.Equal(source, SourceOf(hint));

    [Theory]
    [InlineData("gbsuv-JP", "127.0.0.5")] // no such prefix
    [InlineData("u33d-PL", "127.0.0.6")] // a prefix of another country
    public void A_wrong_hint_falls_back_to_the_country(string hint, string source) => Assert.Equal(source, SourceOf(hint));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("gbsuv-FR")]
    [InlineData("u33d-FR")]
    [InlineData("xn76c")]
    [InlineData("-JP")]
    [InlineData("xn76c-")]
    [InlineData("xn76c-JPN")]
    [InlineData("xn76c-J1")]
    [InlineData("aaaa-JP")]
    [InlineData("xn76cydhz0bcd-JP")]
    [InlineData("xn76c-JP-JP")]
    [InlineData("xn 76-JP")]
    [InlineData("東京-JP")]
    public void A_hint_of_nowhere_or_malformed_gets_the_default(string? hint) => Assert.Equal("127.0.0.1", SourceOf(hint));

    [Theory]
    [InlineData("xn76c-JP", "PL", "127.0.0.6")] // the client's word against its issuer's
    [InlineData(null, "jp", "127.0.0.5")]
    [InlineData("xn76c-JP", "FR", "127.0.0.1")]
    [InlineData("xn76c-JP", "", "127.0.0.1")]
    [InlineData("xn76c-JP", "JP-", "127.0.0.1")]
    public void A_country_that_an_issuer_has_signed_goes_before_any_hint(string? hint, string country, string source) =>
        Assert.Equal(source, _pools.Choose(hint, country).Pick(AddressFamily.InterNetwork)?.ToString());

    [Fact]
    public void Without_pools_the_system_chooses()
    {
        var pool = EgressSetup.Pools().Choose("xn76c-JP");
        Assert.Null(pool.Pick(AddressFamily.InterNetwork));
        Assert.True(pool.Serves(AddressFamily.InterNetworkV6));
    }

    [Fact]
    public void A_pool_does_not_serve_a_family_it_has_no_address_of()
    {
        var pool = _pools.Choose("xn76c-JP");
        Assert.True(pool.Serves(AddressFamily.InterNetwork));
        Assert.False(pool.Serves(AddressFamily.InterNetworkV6));
    }

    [Fact]
    public void All_addresses_of_a_pool_are_used()
    {
        string[] sources = ["127.0.0.7", "127.0.0.8", "127.0.0.9"];
        var pool = EgressSetup.Pools(new PoolOptions { Addresses = [.. sources] }).Choose(null);
        var picked = Enumerable.Range(0, 1000).Select(_ => pool.Pick(AddressFamily.InterNetwork)!.ToString()).ToHashSet();
        Assert.Equal(sources.ToHashSet(), picked);
    }

    private string SourceOf(string? hint) => _pools.Choose(hint).Pick(AddressFamily.InterNetwork)!.ToString();
}
