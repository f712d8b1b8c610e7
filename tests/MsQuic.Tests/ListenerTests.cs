using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace MsQuic.Tests;

/// <summary>Who takes connections, and what strangers may do to it.</summary>
public sealed class ListenerTests
{
    [SkippableFact]
    public async Task Without_a_protocol_in_common_there_is_no_connection()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicConfiguration.ForClient([new SslApplicationProtocol("other")], QuicPair.Settings, static (_, _, _, _) => true);
        var e = await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit));
        Assert.Equal(QuicError.AlpnNegotiation, e.Error);
    }

    [SkippableFact]
    public async Task A_configuration_that_fails_or_is_none_refuses_its_client_and_no_other()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        var calls = 0;
        await using var listener = QuicListener.Listen(new QuicListenerOptions
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            ApplicationProtocols = [QuicPair.Protocol],
            Configure = (_, _) => Interlocked.Increment(ref calls) switch
            {
                1 => throw new InvalidOperationException(),
                2 => new ValueTask<QuicConfiguration?>((QuicConfiguration?)null),
                _ => new ValueTask<QuicConfiguration?>(forServer),
            },
        });
        using var forClient = QuicPair.ForClient();
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit));
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task Connections_that_nobody_accepts_are_bounded()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer, backlog: 2);
        using var forClient = QuicPair.ForClient();
        var options = QuicPair.To(listener.EndPoint, forClient);
        await using var first = await QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit);
        await using var second = await QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit);
        var e = await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit));
        Assert.Equal(QuicError.ConnectionRefused, e.Error);
        Assert.Equal((2, 1L), (listener.Pending, listener.Refused));
        await using var accepted = await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit);
        await using var third = await QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task A_listener_that_is_disposed_closes_what_nobody_accepted()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        await using var client = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        await QuicPair.UntilAsync(() => listener.Pending == 1);
        var waiting = listener.AcceptAsync().AsTask();
        await using var accepted = await waiting.WaitAsync(QuicPair.Limit);
        waiting = listener.AcceptAsync().AsTask();
        await using var another = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        await using var taken = await waiting.WaitAsync(QuicPair.Limit);
        waiting = listener.AcceptAsync().AsTask();
        await listener.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
        Assert.Null(await waiting.WaitAsync(QuicPair.Limit));
        // What was accepted goes on.
        Assert.False(client.Closed.IsCompleted);
    }

    [SkippableFact]
    public async Task An_address_that_is_taken_says_so()
    {
        QuicPair.RequireLibrary();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var forServer = QuicPair.ForServer();
        var options = new QuicListenerOptions
        {
            EndPoint = (IPEndPoint)taken.LocalEndPoint!,
            ApplicationProtocols = [QuicPair.Protocol],
            Configure = (_, _) => new ValueTask<QuicConfiguration?>(forServer),
        };
        Assert.Equal(QuicError.AddressInUse, Assert.Throws<QuicException>(() => QuicListener.Listen(options)).Error);
    }

    [SkippableFact]
    public async Task Whatever_is_thrown_at_its_port_a_listener_goes_on()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        // Datagrams of a real beginning, cut, flipped and repeated, and noise.
        var path = new UdpPath(listener.EndPoint) { Records = true };
        using (path)
        {
            await using (await QuicConnection.ConnectAsync(QuicPair.To(path.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit))
            {
            }

            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var random = new System.Random(20_261_129);
            foreach (var datagram in path.Recorded.Take(30))
            {
                for (var i = 0; i < 40; i++)
                {
                    var mutated = datagram[..random.Next(1, datagram.Length + 1)];
                    for (var flips = random.Next(4); flips > 0; flips--) mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
                    socket.SendTo(mutated, listener.EndPoint);
                    socket.SendTo(StreamBytes.Random(random.Next(0, 1500)), listener.EndPoint);
                }
            }
        }

        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal(0, Native.Callbacks.Failures);
    }

    [SkippableFact]
    public async Task Clients_that_leave_at_any_step_of_the_handshake_leave_nothing_behind()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer(QuicPair.Settings with { HandshakeTimeout = TimeSpan.FromSeconds(1), DisconnectTimeout = TimeSpan.FromSeconds(1) });
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        for (var datagrams = 1; datagrams <= 6; datagrams++)
        {
            // So many datagrams pass, and none after them.
            using var path = new UdpPath(listener.EndPoint) { CutsAfter = datagrams };
            using var soon = new CancellationTokenSource(300);
            var e = await Record.ExceptionAsync(async () =>
            {
                await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(path.EndPoint, forClient), soon.Token);
            });
            Assert.True(e is null or OperationCanceledException or QuicException, $"{e}");
        }

        using var timeout = new CancellationTokenSource(QuicPair.Limit);
        // Those whose handshake was done are accepted and end by themselves.
        while (listener.Pending > 0)
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token);
            soon.CancelAfter(200);
            try
            {
                await using var connection = await listener.AcceptAsync(soon.Token);
                await connection!.Closed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException) when (!timeout.IsCancellationRequested)
            {
                // Not yet.
            }
        }
    }
}
