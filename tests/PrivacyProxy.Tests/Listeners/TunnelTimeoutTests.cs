using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>Tunnels in which nothing moves; time passes by hand.</summary>
public class TunnelTimeoutTests
{
    public static TheoryData<TestWay> Ways => TunnelTransferTests.Ways;

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_tunnel_is_closed_once_no_byte_has_moved_for_the_idle_timeout(TestWay way)
    {
        var time = new FakeTimeProvider();
        await using var proxy = await ProxyFixture.StartAsync(way, time: time);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        // A byte may arrive a moment before the tunnel notes that it moved, so less than half of the five minutes at a time.
        for (var i = 0; i < 6; i++)
        {
            time.Advance(TimeSpan.FromMinutes(2));
            await client.WriteAsync("x"u8.ToArray());
            Assert.Equal(1, await server.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(TestTimes.Limit));
            await server.SendAsync("y"u8.ToArray(), SocketFlags.None);
            await client.ReadExactlyAsync(new byte[1]);
        }

        Assert.Equal(1, proxy.Registry.Count);
        var reading = client.ReadAsync(new byte[1]);
        await TestTimes.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
            return proxy.Registry.Count == 0;
        });
        await Assert.ThrowsAnyAsync<IOException>(() => reading.WaitAsync(TestTimes.Limit));
        await Assert.ThrowsAsync<SocketException>(() => server.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(TestTimes.Limit));
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(TunnelTransferTests.WaysThatOutliveTheOrigin), MemberType = typeof(TunnelTransferTests))]
    public async Task A_half_closed_tunnel_is_closed_sooner(TestWay way)
    {
        var time = new FakeTimeProvider();
        await using var proxy = await ProxyFixture.StartAsync(way, time: time);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, proxy.Registry.Count);
        await TestTimes.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(31));
            return proxy.Registry.Count == 0;
        });
    }
}
