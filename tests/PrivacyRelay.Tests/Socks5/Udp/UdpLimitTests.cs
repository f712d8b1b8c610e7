using System.Net;
using PrivacyRelay.Tests.Fixtures;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Tests.Socks5.Udp;

/// <summary>How many associations, destinations and tries there are, and how long they last.</summary>
public sealed class UdpLimitTests
{
    private static readonly byte[] _first = Socks5UdpClient.Address("first.example", 53);
    private static readonly byte[] _second = Socks5UdpClient.Address("second.example", 53);
    private static readonly byte[] _third = Socks5UdpClient.Address("third.example", 53);

    [Fact]
    public async Task A_destination_where_nothing_moves_is_closed_and_opened_again_with_the_next_datagram()
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_first, [1]);
        var tunnel = await relay.Dialer.OpenedAsync();
        await tunnel.SentAsync();
        relay.Time.Advance(TimeSpan.FromSeconds(119));
        // An answer is a sign of life.
        tunnel.Answer([2]);
        await client.ReceiveAsync(from: _first);
        relay.Time.Advance(TimeSpan.FromSeconds(119));
        Assert.False(tunnel.Closed.IsCompleted);
        relay.Time.Advance(TimeSpan.FromSeconds(1));
        await tunnel.Closed;
        await SendUntilOpenedAsync(relay, client, _first);
    }

    [Fact]
    public async Task A_refused_destination_is_not_asked_for_again_for_five_seconds_and_named_nowhere()
    {
        await using var relay = UdpTestRelay.Start();
        var refused = new TaskCompletionSource();
        relay.Dialer.Answer = authority =>
        {
            if (authority != "first.example:53" || refused.Task.IsCompleted) return Task.FromResult<TunnelError?>(null);
            refused.SetResult();
            return Task.FromResult<TunnelError?>(TunnelError.Denied);
        };
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_first, [1]);
        await refused.Task.WaitAsync(TestRelay.Patience);
        for (var i = 0; i < 20; i++) await client.SendAsync(_first, [1]);
        await client.SendAsync(_second, [1]);
        Assert.Equal("second.example:53", (await relay.Dialer.OpenedAsync()).Authority);
        Assert.Equal(2, relay.Dialer.Calls);
        var tunnel = await AdvanceUntilOpenedAsync(relay, client, _first);
        Assert.Equal("first.example:53", tunnel.Authority);
        Assert.Contains(relay.Log.Lines, static line => line.Contains("Denied", StringComparison.Ordinal));
        Assert.All(relay.Log.Lines, static line => Assert.DoesNotContain("example", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tunnel_that_the_proxy_ends_or_breaks_is_opened_again_but_not_at_once(bool breaks)
    {
        await using var relay = UdpTestRelay.Start();
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_first, [1]);
        var tunnel = await relay.Dialer.OpenedAsync();
        tunnel.End(breaks ? new IOException("broken") : null);
        await tunnel.Closed;
        for (var i = 0; i < 20; i++) await client.SendAsync(_first, [1]);
        await client.SendAsync(_second, [1]);
        Assert.Equal("second.example:53", (await relay.Dialer.OpenedAsync()).Authority);
        Assert.Equal("first.example:53", (await AdvanceUntilOpenedAsync(relay, client, _first)).Authority);
    }

    [Fact]
    public async Task A_destination_that_fails_in_no_known_way_is_told_of_in_the_log_and_the_others_are_served()
    {
        await using var relay = UdpTestRelay.Start();
        relay.Dialer.Answer = static authority => authority == "first.example:53" ? throw new NotSupportedException() : Task.FromResult<TunnelError?>(null);
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        await client.SendAsync(_first, [1]);
        await client.SendAsync(_second, [2]);
        Assert.Equal([2], await (await relay.Dialer.OpenedAsync()).SentAsync());
        client.End();
        await client.ControlEndedAsync();
        Assert.Contains(relay.Log.Lines, static line => line.Contains(nameof(NotSupportedException), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Datagrams_to_more_destinations_than_allowed_are_dropped()
    {
        await using var relay = UdpTestRelay.Start(maxDestinations: 2);
        using var client = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        foreach (var address in new[] { _first, _second, _third, _third, _first }) await client.SendAsync(address, [1]);
        var tunnel = await relay.Dialer.OpenedAsync();
        if (tunnel.Authority != "first.example:53") tunnel = await relay.Dialer.OpenedAsync();
        for (var i = 0; i < 2; i++) await tunnel.SentAsync();
        Assert.Equal(2, relay.Dialer.Calls);
    }

    [Fact]
    public async Task More_associations_than_allowed_are_refused_until_one_ends()
    {
        await using var relay = UdpTestRelay.Start(maxAssociations: 1);
        using var first = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
        using var second = Socks5UdpClient.Create();
        Assert.Equal(1, await second.TryAssociateAsync(relay.EndPoint, new IPEndPoint(IPAddress.Any, 0)));
        first.End();
        await first.ControlEndedAsync();
        using var third = await Socks5UdpClient.AssociateAsync(relay.EndPoint);
    }

    /// <summary>The destination's old tunnel is closed a moment before it is forgotten.</summary>
    private static Task<FakeDatagramTunnel> SendUntilOpenedAsync(UdpTestRelay relay, Socks5UdpClient client, byte[] address) =>
        RepeatUntilOpenedAsync(relay, () => client.SendAsync(address, [1]));

    private static Task<FakeDatagramTunnel> AdvanceUntilOpenedAsync(UdpTestRelay relay, Socks5UdpClient client, byte[] address) =>
        RepeatUntilOpenedAsync(relay, () =>
        {
            relay.Time.Advance(TimeSpan.FromSeconds(5));
            return client.SendAsync(address, [1]);
        });

    private static async Task<FakeDatagramTunnel> RepeatUntilOpenedAsync(UdpTestRelay relay, Func<Task> step)
    {
        var opened = relay.Dialer.OpenedAsync();
        while (!opened.IsCompleted)
        {
            await step();
            await Task.WhenAny(opened, Task.Delay(20));
        }

        return await opened;
    }
}
