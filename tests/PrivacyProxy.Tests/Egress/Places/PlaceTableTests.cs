using System.Net;
using PrivacyProxy.Egress.Places;

namespace PrivacyProxy.Tests.Egress.Places;

public sealed class PlaceTableTests
{
    private static readonly string[] _lines =
    [
        "# networks and their places",
        "",
        "192.0.2.0/24, xn76c-JP",
        "192.0.2.128/25,XN77-jp # the other half",
        "192.0.2.200,xn774c-JP",
        "0.0.0.0/0,u0-CH",
        "2001:db8::/32,u33-DE",
        "2001:db8:1::/48,u33d-DE",
        "2001:db8:1::/48,u33d-DE",
    ];

    [Theory]
    [InlineData("192.0.2.1", "xn76c-JP")]
    [InlineData("::ffff:192.0.2.1", "xn76c-JP")]
    [InlineData("192.0.2.129", "xn77-JP")]
    [InlineData("192.0.2.200", "xn774c-JP")]
    [InlineData("203.0.113.9", "u0-CH")]
    [InlineData("2001:db8:2::1", "u33-DE")]
    [InlineData("2001:db8:1:2::3", "u33d-DE")]
    [InlineData("2001:db9::1", null)]
    [InlineData("::1", null)]
    public void The_longest_prefix_says_where_an_address_is(string address, string? place)
    {
        Assert.Null(PlaceTable.TryParse(_lines, out var table));
        Assert.Equal(place, table.Find(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("192.0.2.0/24")]
    [InlineData("192.0.2.0/33,xn76c-JP")]
    [InlineData("192.0.2/24,xn76c-JP")]
    [InlineData("fe80::1%eth0,xn76c-JP")]
    [InlineData("192.0.2.0/24,xn76c")]
    [InlineData("192.0.2.0/24,xn76c-JPN")]
    [InlineData("192.0.2.0/24,aaaa-JP")]
    [InlineData("192.0.2.0/24,xn76cyd-JP")]
    [InlineData("192.0.2.0/24,xn76c-JP,Tokyo")]
    [InlineData(",xn76c-JP")]
    public void A_line_that_is_no_place_makes_the_whole_file_useless_and_is_named(string line)
    {
        var fault = PlaceTable.TryParse(["198.51.100.0/24,u33-DE", line], out var table);
        Assert.StartsWith("line 2 ", fault, StringComparison.Ordinal);
        Assert.True(table.IsEmpty);
    }

    [Fact]
    public void Two_places_for_one_prefix_are_none() =>
        Assert.StartsWith("line 2 has another place", PlaceTable.TryParse(["192.0.2.0/24,u33-DE", "192.0.2.77/24,xn76c-JP"], out _), StringComparison.Ordinal);
}
