using System.Net;
using System.Net.Sockets;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Socks5.Udp;

/// <summary>UDP ASSOCIATE with real sockets, up to the tunnels.</summary>
public sealed class UdpAssociationTests
{
    private static readonly byte[] _dns = Socks5UdpClient.Address("dns.example", 53);
    private static readonly byte[] _v4 = Socks5UdpClient.Address(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 443));
    private static readonly byte[] _v6 = Socks5UdpClient.Address(new IPEndPoint(IPAddress.Parse("2001:db8::1"), 443));

    [Fact]
    public async Task Each_destination_has_a_tunnel_and_answers_come_from_where_the_client_sent_to()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        foreach (var (address, authority) in new[] { (_dns, "dns.example:53"), (_v4, "192.0.2.1:443"), (_v6, "[2001:db8::1]:443") })
        {
            await client.SendAsync(address, [1, 2]);
            var tunnel = await relay.Dialer.OpenedAsync();
            Assert.Equal(authority, tunnel.Authority);
            Assert.Equal([1, 2], await tunnel.SentAsync());
            tunnel.Answer([3, 4, 5]);
            Assert.Equal([3, 4, 5], await client.ReceiveAsync(from: address));

            // The second datagram needs no second tunnel; an empty one is a datagram too.
            await client.SendAsync(address, []);
            Assert.Empty(await tunnel.SentAsync());
            tunnel.Answer([]);
            Assert.Empty(await client.ReceiveAsync(from: address));
        }

        Assert.Equal(3, relay.Dialer.Calls);
    }

    [SkippableFact]
    public async Task The_reply_names_the_address_that_the_client_reached_over_IPv6_too()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "no IPv6 here");
        await using var relay = UdpTestRelay.Start(IPAddress.IPv6Loopback);
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        Assert.Equal(IPAddress.IPv6Loopback, client.Relay.Address);
        Assert.NotEqual(relay.EndPoint.Port, client.Relay.Port);
        await client.SendAsync(_dns, [1]);
        var tunnel = await relay.Dialer.OpenedAsync();
        tunnel.Answer([2]);
        Assert.Equal([2], await client.ReceiveAsync(from: _dns));
    }

    [Fact]
    public async Task Datagrams_wait_while_the_tunnel_opens_and_the_oldest_are_dropped()
    {
        await using var relay = UdpTestRelay.Start();
        var gate = new TaskCompletionSource();
        relay.Dialer.Answer = async authority =>
        {
            if (authority == "dns.example:53") await gate.Task;
            return null;
        };
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        for (byte i = 0; i < 70; i++) await client.SendAsync(_dns, [i]);
        // One is read after the other: when this one is through, those have been queued.
        await client.SendAsync(_v4, [0]);
        await (await relay.Dialer.OpenedAsync()).SentAsync();
        gate.SetResult();
        var tunnel = await relay.Dialer.OpenedAsync();
        for (byte i = 6; i < 70; i++) Assert.Equal([i], await tunnel.SentAsync());
    }

    [Fact]
    public async Task A_flood_into_a_tunnel_that_takes_no_more_is_dropped_but_for_the_newest_and_holds_up_no_other()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_dns, []);
        var stalled = await relay.Dialer.OpenedAsync();
        await stalled.SentAsync();
        var gate = new TaskCompletionSource();
        stalled.Gate = gate.Task;
        await client.SendAsync(_dns, [255]);
        Assert.Equal([255], await stalled.SentAsync());
        for (byte i = 0; i < 150; i++) await client.SendAsync(_dns, [i]);
        await client.SendAsync(_v4, [1]);
        await (await relay.Dialer.OpenedAsync()).SentAsync();
        gate.SetResult();
        for (byte i = 86; i < 150; i++) Assert.Equal([i], await stalled.SentAsync());
    }

    [Fact]
    public async Task What_makes_no_sense_is_dropped_and_the_next_datagram_is_served()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        byte[][] bad =
        [
            [], [0], [0, 0, 0], [0, 0, 1, .. _dns, 1], [0, 1, 0, .. _dns, 1], [0, 0, 0, 9, .. _dns[1..], 1], [0, 0, 0, .. _dns[..^1]],
            [0, 0, 0, .. _dns[..^2], 0, 0, 1], [0, 0, 0, 3, 0, 0, 53, 1], [0, 0, 0, 3, 3, (byte)'a', (byte)'\n', (byte)'b', 0, 53, 1],
        ];
        foreach (var datagram in bad) await client.SendRawAsync(datagram);
        await client.SendAsync(_v4, [7]);
        Assert.Equal([7], await (await relay.Dialer.OpenedAsync()).SentAsync());
        Assert.Equal(1, relay.Dialer.Calls);
    }

    [Fact]
    public async Task Only_the_port_that_sends_first_is_heard_and_answered()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        using var other = Socks5UdpClient.NewSocket();
        // A datagram that makes no sense takes no port.
        await client.SendRawAsync([0, 0, 1, .. _dns], other);
        await client.SendAsync(_dns, [1]);
        var tunnel = await relay.Dialer.OpenedAsync();
        await client.SendRawAsync([0, 0, 0, .. _dns, 66], other);
        await client.SendRawAsync([0, 0, 0, .. _v4, 66], other);
        await client.SendAsync(_dns, [2]);
        Assert.Equal([1], await tunnel.SentAsync());
        Assert.Equal([2], await tunnel.SentAsync());
        tunnel.Answer([3]);
        Assert.Equal([3], await client.ReceiveAsync(from: _dns));
        Assert.Equal(0, other.Available);
        Assert.Equal(1, relay.Dialer.Calls);
    }

    [Fact]
    public async Task Only_the_port_that_was_announced_is_heard()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = Socks5UdpClient.Create();
        Assert.Equal(0, await client.TryAssociateAsync(relay.EndPoint, client.Local));
        using var other = Socks5UdpClient.NewSocket();
        await client.SendRawAsync([0, 0, 0, .. _v4, 66], other);
        await client.SendAsync(_dns, [1]);
        var tunnel = await relay.Dialer.OpenedAsync();
        Assert.Equal("dns.example:53", tunnel.Authority);
        Assert.Equal(1, relay.Dialer.Calls);
    }

    [Fact]
    public async Task An_announcement_of_an_address_that_is_not_the_clients_counts_for_nothing()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = Socks5UdpClient.Create();
        Assert.Equal(0, await client.TryAssociateAsync(relay.EndPoint, IPEndPoint.Parse("192.0.2.1:53")));
        await client.SendAsync(_dns, [1]);
        Assert.Equal([1], await (await relay.Dialer.OpenedAsync()).SentAsync());
    }

    [Fact]
    public async Task The_end_of_the_connection_closes_the_tunnels_and_the_port()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_dns, [1]);
        await client.SendAsync(_v4, [1]);
        var tunnels = new[] { await relay.Dialer.OpenedAsync(), await relay.Dialer.OpenedAsync() };
        client.End();
        foreach (var tunnel in tunnels) await tunnel.Closed;
        await client.ControlEndedAsync();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(client.Relay);
    }

    [Fact]
    public async Task An_end_while_a_tunnel_opens_does_not_wait_for_it()
    {
        await using var relay = UdpTestRelay.Start();
        relay.Dialer.Answer = static _ => new TaskCompletionSource<PrivacyRelay.Upstream.TunnelError?>().Task;
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_dns, [1]);
        client.End();
        await client.ControlEndedAsync();
    }

    [Fact]
    public async Task A_relay_that_stops_closes_the_tunnels()
    {
        var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_dns, [1]);
        var tunnel = await relay.Dialer.OpenedAsync();
        await relay.DisposeAsync();
        await tunnel.Closed;
    }

    [Fact]
    public async Task The_largest_datagram_passes_and_an_answer_too_long_for_the_way_back_is_lost_alone()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        var largest = new byte[65_507 - 3 - _v4.Length];
        new Random(5).NextBytes(largest);
        await client.SendAsync(_v4, largest);
        var tunnel = await relay.Dialer.OpenedAsync();
        Assert.Equal(largest, await tunnel.SentAsync());
        tunnel.Answer(new byte[65_527]);
        tunnel.Answer(largest);
        Assert.Equal(largest, await client.ReceiveAsync(from: _v4));
    }
}
