using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>Traces tell what happened, never to whom or where to.</summary>
[Collection(ToldCollection.Name)]
public sealed class TracePrivacyTests(ProductFixture product)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_attribute_names_a_client_or_a_destination_only_where_the_debug_setting_says_so(bool includesDestinations)
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await TracedProxy.StartAsync(
            product, ("Telemetry:Traces:Ratio", "1"), ("Telemetry:Debug:IncludeDestinations", includesDestinations ? "true" : "false"));
        var token = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        string[] hosts = ["localhost", "127.0.0.1", "no-such-host.invalid", "[::ffff:127.0.0.1]"];
        foreach (var version in new[] { ProxyVersion.Http1, ProxyVersion.Http2 })
            foreach (var host in hosts)
            {
                await proxy.AnswerPresharedAsync(version, $"{host}:{origin.Port}");
                await proxy.AnswerAsync(version, $"{host}:{origin.Port}", token);
                await proxy.AnswerAsync(version, $"{host}:{origin.Port}");
            }

        Assert.Equal(2 * 3 * hosts.Length, proxy.Kept.Count);
        var values = proxy.Kept.SelectMany(static trace => trace.Spans).SelectMany(static span => span.Attributes).Select(static pair => $"{pair.Value}").ToHashSet();
        string[] secrets = ["localhost", "127.0.0.1", "no-such-host", "::", $"{origin.Port}", token.Value, ProductFixture.PresharedKey];
        var named = secrets.Where(secret => values.Any(value => value.Contains(secret, StringComparison.OrdinalIgnoreCase))).ToList();
        if (includesDestinations) Assert.Equal(["localhost", "127.0.0.1", "no-such-host", "::", $"{origin.Port}"], named);
        else Assert.Empty(named);
    }
}
