using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>Server-Timing and its parts.</summary>
[Collection(ToldCollection.Name)]
public sealed class ServerTimingPartsTests(ProductFixture product)
{
    [Theory]
    [InlineData("false", "true", "proxy", "proxy", "proxy")]
    [InlineData("true", "true", "proxy redeem dns connect", "proxy redeem connect", "proxy redeem")]
    [InlineData("true", "false", "proxy redeem dns connect", "proxy redeem connect", "proxy redeem")]
    public async Task The_parts_are_told_where_asked_for_with_traces_or_without(string parts, string traces, string ofName, string ofAddress, string ofRefusal)
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:ServerTimingParts", parts), ("Telemetry:Traces:Enabled", traces));
        foreach (var version in new[] { ProxyVersion.Http1, ProxyVersion.Http2 })
        {
            Assert.Equal(ofName, Names(await proxy.AnswerPresharedAsync(version, $"localhost:{origin.Port}")));
            Assert.Equal(ofAddress, Names(await proxy.AnswerPresharedAsync(version, origin.Authority)));
            Assert.Equal(ofRefusal, Names(await proxy.AnswerAsync(version, origin.Authority)));
        }
    }

    private static string Names(HttpHead head) => string.Join(' ', Assert.Single(head["Server-Timing"]).Split(", ").Select(static entry =>
    {
        var match = Regex.Match(entry, "^(?<name>[a-z]+);dur=[0-9]+([.][0-9]{1,3})?$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Assert.True(match.Success, entry);
        return match.Groups["name"].Value;
    }));
}
