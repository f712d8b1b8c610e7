using System.Diagnostics;
using PrivacyProxy.Recording;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>Which traces are kept.</summary>
[Collection(ToldCollection.Name)]
public sealed class TailDecisionTests(ProductFixture product)
{
    [Fact]
    public async Task At_ratio_0_neither_a_success_nor_a_refusal_of_credentials_is_kept()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await TracedProxy.StartAsync(product);
        Assert.Equal(200, (await proxy.AnswerPresharedAsync(ProxyVersion.Http1, origin.Authority)).Status);
        Assert.Equal(407, (await proxy.AnswerAsync(ProxyVersion.Http2, origin.Authority)).Status);
        Assert.Equal(400, (await proxy.AnswerPresharedAsync(ProxyVersion.Http1, "no-port")).Status);
        Assert.Empty(proxy.Kept);
    }

    [Fact]
    public async Task At_ratio_0_a_destination_that_refuses_is_kept_as_an_error()
    {
        await using var proxy = await TracedProxy.StartAsync(product);
        Assert.Equal(502, (await proxy.AnswerPresharedAsync(ProxyVersion.Http2, $"127.0.0.1:{FreePort.Next()}")).Status);
        var kept = Assert.Single(proxy.Kept);
        Assert.Equal((KeptReason.Error, "502 preshared_accepted connection_refused"), (kept.Reason, kept.Result));
    }

    [Theory]
    [InlineData("Telemetry:Traces:KeepErrors", "false")]
    [InlineData("Telemetry:Traces:Enabled", "false")]
    public async Task An_error_is_not_kept_where_the_settings_say_so(string key, string value)
    {
        await using var proxy = await TracedProxy.StartAsync(product, (key, value));
        Assert.Equal(502, (await proxy.AnswerPresharedAsync(ProxyVersion.Http2, $"127.0.0.1:{FreePort.Next()}")).Status);
        Assert.Empty(proxy.Kept);
    }

    [Fact]
    public async Task A_destination_that_policy_forbids_is_not_an_error_of_ours()
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Egress:AllowPrivate", "false"));
        Assert.Equal("destination_ip_prohibited", (await proxy.AnswerPresharedAsync(ProxyVersion.Http1, "127.0.0.1:443")).ProxyStatusError);
        Assert.Empty(proxy.Kept);
    }

    [SkippableFact]
    public async Task At_ratio_0_a_check_that_a_store_node_holds_up_is_kept_and_names_the_node()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var one = await MemcachedProcess.StartAsync();
        await using var other = await MemcachedProcess.StartAsync();
        await using var slow = await MemcachedProcess.StartAsync();
        await using var relay = ThrottledSocket.Start(slow.EndPoint);
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await TracedProxy.StartAsync(
            product,
            ("Telemetry:Traces:SlowCheckThreshold", "00:00:00.030"),
            ("SpentTokens:Store", "Memcached"), ("SpentTokens:Memcached:Replicas", "3"),
            ("SpentTokens:Memcached:Servers:0", one.Address), ("SpentTokens:Memcached:Servers:1", relay.Address), ("SpentTokens:Memcached:Servers:2", other.Address),
            ("SpentTokens:Memcached:Deadline", "00:00:05"), ("SpentTokens:Memcached:StallTimeout", "00:00:04"));
        relay.ReplyDelay = TimeSpan.FromMilliseconds(40);
        var token = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        Assert.Equal(200, (await proxy.AnswerAsync(ProxyVersion.Http1, origin.Authority, token)).Status);

        var kept = Assert.Single(proxy.Kept);
        Assert.Equal(KeptReason.Slow, kept.Reason);
        // A spend is accepted when all replicas have answered.
        var spend = kept.Spans.Index().Single(static span => span.Item.Name == "double_spend.spend").Index;
        var nodes = kept.Spans.Where(span => span.Parent == spend).OrderBy(static span => span.Duration).ToList();
        Assert.Equal(3, nodes.Count);
        Assert.Equal(relay.Address, nodes[2].Attributes.Single(static pair => pair.Key == "store.node").Value);
        Assert.True(nodes[2].Duration >= TimeSpan.FromMilliseconds(30), $"{nodes[2].Duration}");
    }

    [Fact]
    public async Task A_listener_that_throws_costs_the_span_and_not_the_answer()
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:Ratio", "1"));
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == TraceActivities.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => throw new InvalidOperationException("scripted"),
        };
        ActivitySource.AddActivityListener(listener);
        Assert.Equal(407, (await proxy.AnswerAsync(ProxyVersion.Http1, "127.0.0.1:443")).Status);
        Assert.Single(proxy.Kept);
    }

    [Fact]
    public async Task The_ratio_is_read_again_from_the_configuration_file_without_a_restart()
    {
        await using var proxy = await TracedProxy.StartAsync(product);
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        Assert.Equal(407, (await proxy.AnswerAsync(ProxyVersion.Http1, "127.0.0.1:443")).Status);
        Assert.Empty(proxy.Kept);

        proxy.Change("Telemetry:Traces:Ratio", "1");
        while (proxy.Kept.Count == 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await proxy.AnswerAsync(ProxyVersion.Http1, "127.0.0.1:443");
        }

        Assert.Equal(KeptReason.Sampled, proxy.Kept[0].Reason);
    }
}
