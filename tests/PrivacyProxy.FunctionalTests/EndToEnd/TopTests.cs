using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary><c>top</c> beside a running proxy.</summary>
[Collection(ToldCollection.Name)]
public sealed class TopTests(ProductFixture product)
{
    [Fact]
    public async Task Top_once_shows_the_open_tunnel_the_replay_and_the_checks_in_80_plain_columns()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await product.StartTwinAsync();
        var token = await product.Tokens.TakeAsync();
        await using var tunnel = await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Token(token));
        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http2, origin.Authority, Credentials.Field(Credentials.Token(token)))).Status);

        var result = await ChildProcess.RunProductAsync(["top", "--management", proxy.Management.ToString(), "--once"]);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.All(result.OutputLines, static line => Assert.InRange(line.Length, 1, 80));
        Assert.Matches("^privacy-proxy top  http://127.0.0.1:[0-9]+ +ready  up [0-9]+[sm]", result.Output);
        Assert.Matches("TUNNELS 1 ", result.Output);
        Assert.Matches("http1 +1 +0 +0 +0 +opened +1 ", result.Output);
        Assert.Matches("accepted +1 ", result.Output);
        Assert.Matches("already_spent +1 ", result.Output);
        Assert.Matches("http_request_denied +1 ", result.Output);
        Assert.Matches("spend memory +- +[0-9.]+ [um]s ", result.Output);
    }

    [Fact]
    public async Task A_proxy_that_has_served_nobody_is_known_as_a_proxy()
    {
        await using var proxy = await product.StartTwinAsync();
        var result = await ChildProcess.RunProductAsync(["top", "--management", proxy.Management.ToString()]);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Contains("none yet", result.Output, StringComparison.Ordinal);
    }
}
