using Microsoft.Extensions.Time.Testing;
using Tunneling.Admission;

namespace Tunneling.Tests.Admission;

public sealed class ConnectionRegistryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionRegistry _registry;

    public ConnectionRegistryTests() => _registry = new ConnectionRegistry(new AdmissionLimits { Places = 32, StrangerMemory = 1000, MaxStrangerRequests = 3, MaxStrangerBytes = 100 }, _time);

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void The_oldest_stranger_makes_room_for_one_more()
    {
        var first = Admit();
        var second = Admit();
        for (var i = 2; i < 32; i++) Admit();
        var last = Admit();
        Assert.Equal(ShedReason.Place, first.ShedFor);
        Assert.Equal(ShedReason.None, second.ShedFor);
        Assert.Equal(ShedReason.None, last.ShedFor);
        Assert.Equal(32, _registry.Connections);
        Assert.Equal(1, _registry.Shed(ShedReason.Place));
    }

    [Fact]
    public void A_stranger_has_a_burst_of_requests_and_then_so_many_a_second_of_which_large_ones_count_more()
    {
        using var registry = new ConnectionRegistry(new AdmissionLimits { Places = 32, StrangerBurst = 10, StrangerRequestRate = 2 }, _time);
        var connection = new Connection();
        Assert.True(registry.TryAdmit(connection));
        for (var i = 0; i < 10; i++) Assert.Equal(TimeSpan.Zero, registry.Pace(connection));
        Assert.Equal(TimeSpan.FromSeconds(0.5), registry.Pace(connection));
        Assert.Equal(TimeSpan.FromSeconds(2.5), registry.Pace(connection, cost: 4));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.Zero, registry.Pace(connection));
        registry.Trust(connection);
        for (var i = 0; i < 100; i++) Assert.Equal(TimeSpan.Zero, registry.Pace(connection));
    }

    [Fact]
    public void Connections_with_a_tunnel_are_never_shed_and_those_that_had_one_only_for_a_tunnel()
    {
        var tunnelling = Admit();
        OpenTunnel(tunnelling);
        var known = Admit();
        OpenTunnel(known);
        _registry.ReleaseTunnel(known, wasAccepted: true);
        for (var i = 0; i < 100; i++) Admit();
        Assert.Equal(ShedReason.None, tunnelling.ShedFor);
        Assert.Equal(ShedReason.None, known.ShedFor);

        while (_registry.TryReserveTunnel(null))
        {
        }

        Assert.Equal(_registry.Limits.TunnelPlaces, _registry.Tunnels);
        Assert.Equal(ShedReason.None, tunnelling.ShedFor);
        Assert.Equal(ShedReason.None, known.ShedFor);
    }

    [Fact]
    public void A_place_for_a_tunnel_is_taken_from_strangers_first_then_from_those_without_a_tunnel_and_never_from_who_asks()
    {
        using var registry = new ConnectionRegistry(new AdmissionLimits { Places = 16 }, _time);
        var known = new Connection();
        Assert.True(registry.TryAdmit(known));
        registry.Trust(known);
        var asking = new Connection();
        Assert.True(registry.TryAdmit(asking));
        var strangers = new List<Connection>();
        for (var i = 2; i < 16; i++)
        {
            strangers.Add(new Connection());
            Assert.True(registry.TryAdmit(strangers[^1]));
        }

        Assert.True(registry.TryReserveTunnel(asking));
        Assert.Equal(ShedReason.None, asking.ShedFor);
        Assert.Equal(ShedReason.Place, strangers[0].ShedFor);
        Assert.Equal(ShedReason.None, known.ShedFor);
        foreach (var stranger in strangers) registry.Trust(stranger);
        Assert.True(registry.TryReserveTunnel(asking));
        Assert.Equal(ShedReason.Place, known.ShedFor);
        Assert.Equal(16, registry.Connections + registry.Tunnels);
    }

    [Fact]
    public void Tunnels_leave_strangers_places_to_be_refused_in()
    {
        for (var i = 0; i < 12; i++) OpenTunnel(Admit());
        Assert.Equal(12, _registry.Limits.TunnelPlaces);
        Assert.False(_registry.TryReserveTunnel(Admit()));
        Assert.Equal(12, _registry.Tunnels);
        _registry.ReleaseTunnel(null, wasAccepted: false);
        Assert.True(_registry.TryReserveTunnel(null));
    }

    [Fact]
    public void A_listener_waits_while_all_places_are_taken_by_strangers_that_have_just_come()
    {
        for (var i = 0; i < 32; i++) Admit();
        Assert.Equal(TimeSpan.FromMilliseconds(250), _registry.UntilRoom());
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(TimeSpan.FromMilliseconds(50), _registry.UntilRoom());
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(TimeSpan.Zero, _registry.UntilRoom());
    }

    [Fact]
    public void A_connection_that_left_gives_its_place_back_once()
    {
        var connection = Admit();
        _registry.Leave(connection);
        _registry.Leave(connection);
        Assert.Equal(0, _registry.Connections);
        Assert.Equal(ShedReason.None, connection.ShedFor);
    }

    [Fact]
    public void A_tunnel_that_outlives_its_connection_gives_its_own_place_back()
    {
        var connection = Admit();
        OpenTunnel(connection);
        _registry.Leave(connection);
        Assert.Equal(1, _registry.Tunnels);
        _registry.ReleaseTunnel(connection, wasAccepted: true);
        Assert.Equal(0, _registry.Tunnels);
        Assert.Equal(0, _registry.Connections);
    }

    [Fact]
    public void A_stranger_with_too_many_requests_waiting_is_closed_and_a_known_one_is_not()
    {
        var stranger = Admit();
        for (var i = 0; i < 3; i++) Assert.True(_registry.TryBeginRequest(stranger, 10));
        Assert.Equal(30, _registry.Held);
        Assert.False(_registry.TryBeginRequest(stranger, 10));
        Assert.Equal(ShedReason.Flood, stranger.ShedFor);
        Assert.Equal(0, _registry.Held);

        var known = Admit();
        Assert.True(_registry.TryBeginRequest(known, 10));
        OpenTunnel(known);
        Assert.Equal(0, _registry.Held);
        for (var i = 0; i < 50; i++) Assert.True(_registry.TryBeginRequest(known, 10));
        for (var i = 0; i < 51; i++) _registry.EndRequest(known, 10);
        Assert.Equal(0, _registry.Held);
    }

    [Fact]
    public void Who_holds_the_most_goes_when_strangers_together_hold_too_much()
    {
        var light = Admit();
        Assert.True(_registry.TryBeginRequest(light, 10));
        var heavy = Admit();
        Assert.True(_registry.TryBeginRequest(heavy, 900));
        var last = Admit();
        Assert.True(_registry.TryBeginRequest(last, 200));
        Assert.Equal(ShedReason.Memory, heavy.ShedFor);
        Assert.Equal(ShedReason.None, light.ShedFor);
        Assert.Equal(210, _registry.Held);
    }

    [Fact]
    public void A_stranger_that_sends_too_much_is_closed()
    {
        var stranger = Admit();
        Assert.True(_registry.Received(stranger, 100));
        Assert.False(_registry.Received(stranger, 1));
        Assert.Equal(ShedReason.Flood, stranger.ShedFor);

        var known = Admit();
        OpenTunnel(known);
        Assert.True(_registry.Received(known, 1_000_000));
    }

    [Fact]
    public void An_answer_that_is_not_read_closes_the_connection_unless_it_carries_a_tunnel()
    {
        var stranger = Admit();
        var reader = Admit();
        var known = Admit();
        _registry.Trust(known);
        var tunnelling = Admit();
        OpenTunnel(tunnelling);
        foreach (var each in new[] { stranger, reader, known, tunnelling }) each.WriteWaits();
        _time.Advance(TimeSpan.FromSeconds(3));
        reader.WriteDone();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ShedReason.Unread, stranger.ShedFor);
        Assert.Equal(ShedReason.Unread, known.ShedFor);
        Assert.Equal(ShedReason.None, reader.ShedFor);
        Assert.Equal(ShedReason.None, tunnelling.ShedFor);

        reader.AnswerWaits();
        _time.Advance(TimeSpan.FromSeconds(3));
        reader.WriteWaits();
        reader.WriteDone();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ShedReason.Unread, reader.ShedFor);
    }

    [Fact]
    public void Stopping_closes_all_that_carry_no_tunnel_and_takes_in_no_more()
    {
        var stranger = Admit();
        var tunnelling = Admit();
        OpenTunnel(tunnelling);
        _registry.Stop();
        Assert.Equal(ShedReason.Stopping, stranger.ShedFor);
        Assert.Equal(ShedReason.None, tunnelling.ShedFor);
        Assert.False(_registry.TryAdmit(new Connection()));
    }

    [Fact]
    public async Task Places_are_never_exceeded_nor_lost_whatever_happens_at_once()
    {
        using var registry = new ConnectionRegistry(new AdmissionLimits { Places = 40, StrangerMemory = 2000 }, TimeProvider.System);
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 5000; i++)
            {
                var connection = new Connection();
                if (!registry.TryAdmit(connection)) continue;
                var reserved = registry.TryReserveTunnel(connection);
                var accepted = reserved && random.Next(2) == 0;
                registry.TryBeginRequest(connection, random.Next(200));
                if (accepted) registry.TunnelAccepted(connection);
                most = Math.Max(most, registry.Connections + registry.Tunnels);
                if (random.Next(4) == 0) registry.ShedOldest(ShedReason.Descriptors);
                if (reserved) registry.ReleaseTunnel(connection, accepted);
                if (random.Next(8) != 0) registry.Leave(connection);
            }
        })));
        Assert.InRange(most, 1, 42);
        registry.Stop();
        Assert.Equal(0, registry.Tunnels);
        Assert.Equal(0, registry.Connections);
        Assert.Equal(0, registry.Held);
    }

    private Connection Admit()
    {
        var connection = new Connection();
        Assert.True(_registry.TryAdmit(connection));
        return connection;
    }

    private void OpenTunnel(Connection connection)
    {
        Assert.True(_registry.TryReserveTunnel(connection));
        _registry.TunnelAccepted(connection);
    }

    private sealed class Connection : AdmittedConnection
    {
        public ShedReason ShedFor { get; private set; }

        protected internal override void Shed(ShedReason reason)
        {
            Assert.Equal(ShedReason.None, ShedFor);
            ShedFor = reason;
        }
    }
}
