using System.Net;
using System.Net.Sockets;
using Tunneling.Admission;

namespace Tunneling.Tests.Admission;

public sealed class AcceptorTests : IDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public AcceptorTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Nothing_is_accepted_while_all_places_carry_tunnels_and_it_goes_on_when_one_comes_free()
    {
        using var registry = new ConnectionRegistry(new AdmissionLimits { Places = 2, MinStay = TimeSpan.FromMilliseconds(5) }, TimeProvider.System);
        var acceptor = new Acceptor(_listener, registry, TimeProvider.System);
        using var first = Connect();
        var held = new Held();
        Assert.True(registry.TryAdmit(held));
        Assert.True(registry.TryReserveTunnel(held));
        registry.TunnelAccepted(held);
        var accepting = acceptor.AcceptAsync(CancellationToken.None).AsTask();
        Assert.NotEqual(TimeSpan.Zero, registry.UntilRoom());
        Assert.False(accepting.IsCompleted);
        registry.ReleaseTunnel(held, wasAccepted: true);
        using var accepted = await accepting.WaitAsync(_deadline);
        Assert.NotNull(accepted);
    }

    [Fact]
    public async Task A_connection_that_takes_a_reserved_descriptor_sheds_a_stranger_or_is_closed()
    {
        using var registry = new ConnectionRegistry(new AdmissionLimits { Places = 100, FirstReservedDescriptor = 0 }, TimeProvider.System);
        var acceptor = new Acceptor(_listener, registry, TimeProvider.System);
        var stranger = new Held();
        Assert.True(registry.TryAdmit(stranger));
        using var first = Connect();
        using var accepted = await acceptor.AcceptAsync(CancellationToken.None).AsTask().WaitAsync(_deadline);
        Assert.NotNull(accepted);
        Assert.Equal(1, registry.Shed(ShedReason.Descriptors));

        // Nobody left to shed: the newcomer itself goes.
        using var second = Connect();
        var accepting = acceptor.AcceptAsync(CancellationToken.None).AsTask();
        var error = await Assert.ThrowsAsync<SocketException>(() => second.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(_deadline));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        _listener.Dispose();
        Assert.Null(await accepting.WaitAsync(_deadline));
    }

    [Fact]
    public async Task Disposing_the_listener_or_cancelling_ends_the_accepting()
    {
        using var registry = new ConnectionRegistry(new AdmissionLimits { Places = 100 }, TimeProvider.System);
        var acceptor = new Acceptor(_listener, registry, TimeProvider.System);
        using var cancellation = new CancellationTokenSource();
        var accepting = acceptor.AcceptAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.Null(await accepting.WaitAsync(_deadline));
        accepting = acceptor.AcceptAsync(CancellationToken.None).AsTask();
        _listener.Dispose();
        Assert.Null(await accepting.WaitAsync(_deadline));
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_listener.LocalEndPoint!);
        return socket;
    }

    private sealed class Held : AdmittedConnection
    {
        protected internal override void Shed(ShedReason reason)
        {
        }
    }
}
