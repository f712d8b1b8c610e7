using System.Text;
using PrivacyProxy.Listeners.Engine;
using Tunneling.Admission;

namespace PrivacyProxy.Tests.Admission;

/// <summary>What those without a credential can cost who send and send, and read nothing.</summary>
public sealed class StrangerFloodTests
{
    // SETTINGS_INITIAL_WINDOW_SIZE 0
    private static readonly byte[] _noWindow = [0, 4, 0, 0, 0, 0];

    [Fact]
    public async Task Pipelined_requests_whose_answers_are_never_read_end_the_connection()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false, limits: StrangerTests.Hasty);
        using var rude = RudeConnection.Open(proxy.EndPoint);
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 100)));
        Assert.True(await rude.FloodAsync(_ => requests, TestTimes.Limit), "the server never closed");
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Equal(1, proxy.Connections.Shed(ShedReason.Unread) + proxy.Connections.Shed(ShedReason.Flood));
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    public async Task Http2_answers_that_are_never_read_end_the_connection_without_a_word(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, limits: StrangerTests.Hasty);
        using var rude = RudeConnection.OpenHttp2(proxy.EndPoint);
        Assert.True(await rude.FloodAsync(i => RudeConnection.Request((2 * i) + 1, StrangerTests.Get), TestTimes.Limit), "the server never closed");
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Equal(1, proxy.Connections.Shed(ShedReason.Unread) + proxy.Connections.Shed(ShedReason.Flood));
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    public async Task Http2_answers_for_which_no_window_is_given_are_ended(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, limits: StrangerTests.Roomy);
        using var rude = RudeConnection.OpenHttp2(proxy.EndPoint, _noWindow);
        for (var i = 0; i < 50; i++) Assert.True(await rude.SendAsync(RudeConnection.Request((2 * i) + 1, StrangerTests.Get)));
        // The engine resets the streams, Kestrel's connection is closed.
        if (way == TestWay.Http2Native || TestEngine.Current == ListenerEngine.Native) await rude.ReadFramesAsync(type: 3, count: 50).WaitAsync(TestTimes.Limit);
        else await TestTimes.UntilAsync(() => proxy.Connections.Shed(ShedReason.Unread) == 1);
        await TestTimes.UntilAsync(() => proxy.Connections.Held == 0);
    }

    [Theory]
    [InlineData(TestWay.Http2)]
    [InlineData(TestWay.Http2Native)]
    public async Task Requests_that_hold_more_than_strangers_may_together_are_ended_at_once(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, limits: StrangerTests.Roomy with { StrangerMemory = 1024 * 1024, AnswerTimeout = TimeSpan.FromMinutes(5) });
        using var rude = RudeConnection.OpenHttp2(proxy.EndPoint, _noWindow);
        // A field of 3,900 bytes for the dynamic table, then named seven times in a byte each.
        byte[] entry = [0x40, 1, (byte)'a', 0x7f, 0xbd, 0x1d, .. Enumerable.Repeat((byte)'b', 3900)];
        await rude.SendAsync(RudeConnection.Request(1, [.. StrangerTests.Get, .. entry]));
        byte[] bomb = [.. StrangerTests.Get, .. Enumerable.Repeat((byte)0xbe, 7)];
        Assert.True(await rude.FloodAsync(i => RudeConnection.Request((2 * i) + 3, bomb), TestTimes.Limit), "the server never closed");
        Assert.Equal(1, proxy.Connections.Shed(ShedReason.Memory));
        Assert.Equal(0, proxy.Connections.Held);
    }

    [Theory]
    [InlineData(TestWay.Http2, 6, 8)] // PING
    [InlineData(TestWay.Http2, 4, 0)] // SETTINGS
    [InlineData(TestWay.Http2, 2, 5)] // PRIORITY
    [InlineData(TestWay.Http2Native, 6, 8)]
    [InlineData(TestWay.Http2Native, 4, 0)]
    [InlineData(TestWay.Http2Native, 2, 5)]
    public async Task Frames_that_do_nothing_end_the_connection(TestWay way, byte type, int length)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, limits: StrangerTests.Roomy with { AnswerTimeout = TimeSpan.FromMinutes(5) });
        using var rude = RudeConnection.OpenHttp2(proxy.EndPoint);
        var frame = RudeConnection.Frame(type, 0, type == 2 ? 1 : 0, new byte[length]);
        Assert.True(await rude.FloodAsync(_ => frame, TestTimes.Limit), "the server never closed");
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Equal(1, proxy.Connections.Shed(ShedReason.Flood));
    }
}
