using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Tunneling.Admission;

namespace PrivacyProxy.Tests.Admission;

/// <summary>What those without a credential can cost, on real sockets.</summary>
public sealed class StrangerTests
{
    private static readonly AdmissionLimits _small = new() { Places = 24, AnswerTimeout = TimeSpan.FromSeconds(1), MinStay = TimeSpan.FromMilliseconds(20) };
    internal static readonly AdmissionLimits Roomy = new() { Places = 1000, AnswerTimeout = TimeSpan.FromSeconds(1) };

    /// <summary>Requests are served as fast as they come, so that a test need not wait for a flood to fill what it is to fill.</summary>
    internal static readonly AdmissionLimits Hasty = Roomy with { StrangerBurst = int.MaxValue };

    // GET http://x/
    internal static readonly byte[] Get = [0x82, 0x86, 0x84, 0x01, 0x01, (byte)'x'];

    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http1Native)]
    [InlineData(TestWay.Http1Tls)]
    [InlineData(TestWay.Http1NativeTls)]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    [InlineData(TestWay.Http2Tls)]
    public async Task Idle_connections_make_room_for_others_while_tunnels_go_on_and_more_are_opened(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, limits: _small);
        using var origin = new TestOrigin();
        await using var before = await TestClient.ConnectAsync(proxy, way);
        await before.OpenAsync(origin.Authority);
        using var first = await origin.AcceptAsync();

        var idle = new List<RudeConnection>();
        try
        {
            for (var i = 0; i < 100; i++) idle.Add(RudeConnection.Open(proxy.EndPoint));
            await TestTimes.UntilAsync(() => proxy.Connections.Shed(ShedReason.Place) >= 60);
            Assert.InRange(proxy.Connections.Connections + proxy.Connections.Tunnels, 2, _small.Places);

            await before.WriteAsync("still here"u8.ToArray());
            var bytes = new byte[10];
            Assert.Equal(10, await first.ReceiveAsync(bytes).WaitAsync(TestTimes.Limit));
            await first.SendAsync("me too"u8.ToArray());
            await before.ReadExactlyAsync(bytes.AsMemory(0, 6));

            await using var after = await TestClient.ConnectAsync(proxy, way);
            await after.OpenAsync(origin.Authority);
            using var second = await origin.AcceptAsync();
        }
        finally
        {
            foreach (var each in idle) each.Dispose();
        }

        await TestTimes.UntilAsync(() => proxy.Connections.Strangers == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    /// <summary>No descriptor each, but memory.</summary>
    [Fact]
    public async Task Idle_HTTP3_connections_make_room_for_others_while_tunnels_go_on_and_more_are_opened()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3, limits: _small);
        using var origin = new TestOrigin();
        await using var before = await Http3TestClient.OpenAsync(proxy.Http3.Connect());
        await before.OpenAsync(origin.Authority);
        using var first = await origin.AcceptAsync();

        for (var i = 0; i < 100; i++) proxy.Http3.Connect();
        await TestTimes.UntilAsync(() => proxy.Connections.Shed(ShedReason.Place) >= 60);
        Assert.InRange(proxy.Connections.Connections + proxy.Connections.Tunnels, 2, _small.Places);

        await before.WriteAsync("still here"u8.ToArray());
        Assert.Equal(10, await first.ReceiveAsync(new byte[10]).WaitAsync(TestTimes.Limit));
        await using var after = await Http3TestClient.OpenAsync(proxy.Http3.Connect());
        await after.OpenAsync(origin.Authority);
        using var second = await origin.AcceptAsync();
        Assert.Empty(proxy.Logs.Lines);
    }

    /// <summary>Longer than what is given to Kestrel at a time.</summary>
    [Theory]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    [InlineData(TestWay.Http2Tls)]
    public async Task A_stranger_may_have_a_long_head(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, limits: Roomy);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync(origin.Authority, ("proxy-authorization", TestClient.GoodCredentials), ("x-long", new string('x', 7_000)));
        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    public async Task Many_requests_of_a_stranger_are_served_at_a_pace(TestWay way)
    {
        var limits = Roomy with { StrangerBurst = 5, StrangerRequestRate = 0.001, AnswerTimeout = TimeSpan.FromMinutes(5) };
        await using var proxy = await ProxyFixture.StartAsync(way, limits: limits);
        using var connection = RudeConnection.OpenHttp2(proxy.EndPoint);
        for (var i = 0; i < 200; i++) await connection.SendAsync(RudeConnection.Request(1 + (2 * i), Get));
        await TestTimes.UntilAsync(() => proxy.Requests >= 5);
        // Those read with the fifth are served too.
        await Task.Delay(200);
        Assert.InRange(proxy.Requests, 5, 60);
    }

    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http1Native)]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    public async Task One_that_asks_on_and_on_at_its_leisure_is_asked_to_come_again(TestWay way)
    {
        var time = new FakeTimeProvider();
        await using var proxy = await ProxyFixture.StartAsync(way, time: time, limits: Roomy);
        // An answer that begins after the clock was moved would be the last one.
        var answered = 0;
        proxy.Serves = async context =>
        {
            await context.Response.WriteAsync("not a tunnel");
            Interlocked.Increment(ref answered);
        };
        using var rude = way is TestWay.Http1 or TestWay.Http1Native ? RudeConnection.Open(proxy.EndPoint) : RudeConnection.OpenHttp2(proxy.EndPoint);
        byte[] Request(int number) => way is TestWay.Http1 or TestWay.Http1Native ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray() : RudeConnection.Request(number, Get);

        Assert.True(await rude.SendAsync(Request(1)));
        await TestTimes.UntilAsync(() => Volatile.Read(ref answered) == 1);
        time.Advance(Roomy.MaxStrangerStay - TimeSpan.FromSeconds(1));
        Assert.True(await rude.SendAsync(Request(3)));
        await TestTimes.UntilAsync(() => Volatile.Read(ref answered) == 2);
        Assert.Equal(1, proxy.Connections.Connections);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await rude.SendAsync(Request(5)));
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Equal(3, proxy.Requests);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    public async Task More_requests_at_once_than_a_stranger_may_have_are_all_answered_in_their_turn(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, limits: Hasty with { MaxStrangerRequests = 10, AnswerTimeout = TimeSpan.FromMinutes(5) });
        using var client = RudeConnection.OpenHttp2(proxy.EndPoint);
        var requests = Enumerable.Range(0, 200).SelectMany(i => RudeConnection.Request((2 * i) + 1, Get)).ToArray();
        Assert.True(await client.SendAsync(requests));
        await client.ReadFramesAsync(type: 1, count: 200).WaitAsync(TestTimes.Limit);
        Assert.Equal(1, proxy.Connections.Connections);
        await TestTimes.UntilAsync(() => proxy.Connections.Held == 0);
    }
}
