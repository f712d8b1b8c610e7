using System.Net.Sockets;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>Clients that leave, or end what they send, before their tunnel is open.</summary>
public sealed class LeavingClientTests
{
    public static TheoryData<TestWay, bool> Leaving
    {
        get
        {
            var data = new TheoryData<TestWay, bool>();
            foreach (var way in Enum.GetValues<TestWay>())
            {
                data.Add(way, false);
                data.Add(way, true);
            }

            return data;
        }
    }

    [SkippableTheory, MemberData(nameof(Leaving))]
    public async Task A_client_that_leaves_while_its_origin_is_dialled_ends_the_dial_and_counts_as_499(TestWay way, bool resets)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        var dialEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Egress.Waits = async cancellationToken =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                dialEnded.SetResult();
            }
        };
        var client = await TestClient.ConnectAsync(proxy, way);
        var request = client.RequestAsync("origin.example:443", ("proxy-authorization", TestClient.GoodCredentials));
        await TestTimes.UntilAsync(() => proxy.Egress.Seen.Count == 1);

        if (resets) await client.ResetAsync();
        await client.DisposeAsync();
        await dialEnded.Task.WaitAsync(TestTimes.Limit);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_requests_by_status{status=499}"] == 1);
        Assert.Equal(0, proxy.Metrics["privacy_proxy_requests_by_status{status=200}"]);
        Assert.Empty(proxy.Logs.Lines);
        await Assert.ThrowsAnyAsync<Exception>(() => request.WaitAsync(TestTimes.Limit));
    }

    [SkippableTheory, MemberData(nameof(Leaving))]
    public async Task A_client_that_leaves_during_its_redemption_gets_no_tunnel_even_if_accepted(TestWay way, bool resets)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        // A store that cannot be cancelled spends the token all the same.
        proxy.Redeemer.Waits = static cancellationToken => Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
        var client = await TestClient.ConnectAsync(proxy, way);
        var request = client.RequestAsync(origin.Authority, ("proxy-authorization", TestClient.GoodCredentials));
        await TestTimes.UntilAsync(() => proxy.Redeemer.Seen.Count == 1);

        if (resets) await client.ResetAsync();
        await client.DisposeAsync();
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_requests_by_status{status=499}"] == 1);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Equal(0, proxy.Metrics["privacy_proxy_connections_total"]);
        Assert.Empty(proxy.Logs.Lines);
        await Assert.ThrowsAnyAsync<Exception>(() => request.WaitAsync(TestTimes.Limit));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Early_data_is_kept_and_its_end_is_a_half_close(bool tls, bool whileDialling)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls);
        var dial = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Egress.Waits = _ => dial.Task;
        using var origin = new TestOrigin();
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls);
        var head = $"CONNECT {origin.Authority} HTTP/1.1\r\nHost: {origin.Authority}\r\nProxy-Authorization: {TestClient.GoodCredentials}\r\n\r\n";
        await client.SendTextAsync(whileDialling ? head : head + "early ");
        await TestTimes.UntilAsync(() => proxy.Egress.Seen.Count == 1);
        if (whileDialling) await client.SendTextAsync("early ");
        await client.SendTextAsync("bird");
        await client.EndAsync();
        dial.SetResult();

        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        using var server = await origin.AcceptAsync();
        Assert.Equal("early bird"u8.ToArray(), await TunnelTransferTests.ReadToEndAsync(server));
        await server.SendAsync("worm"u8.ToArray(), SocketFlags.None);
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("worm"u8.ToArray(), await client.ReadToEndAsync());
        Assert.Equal(0, proxy.Metrics["privacy_proxy_requests_by_status{status=499}"]);
    }
}
