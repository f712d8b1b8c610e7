using System.Net;
using System.Net.Sockets;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Many tunnels on one connection to the proxy that nobody reads from, and one that is used meanwhile.</summary>
[Collection(NeighborsCollection.Name)]
public sealed class StalledTunnelTests(ProductFixture product)
{
    private const int Stalled = 120;
    private const int Echoed = 1_000_000;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_stop_no_other_tunnel_old_or_new(bool isUpload)
    {
        await using var relay = await RelayProcess.StartAsync(
            "--upstream", "http2", "--proxy", product.Proxy.Tls.ToString(), "--proxy-ca", product.Proxy.CaFile, "--psk", ProductFixture.PresharedKey);
        await using var echo = TcpOrigin.Echo();
        await using var stuck = new TcpOrigin(async (socket, stop) =>
        {
            var bytes = new byte[1 << 16];
            while (!isUpload) await socket.SendAsync(bytes, stop);
            await Task.Delay(Timeout.Infinite, stop);
        });
        using var old = await ConnectAsync(relay.Socks, echo.Port);
        await EchoAsync(old);

        var tunnels = new List<Socket>();
        try
        {
            for (var i = 0; i < Stalled; i++) tunnels.Add(await ConnectAsync(relay.Socks, stuck.Port));
            await Task.WhenAll(tunnels.Select(tunnel => isUpload ? FillAsync(tunnel) : Task.Delay(TimeSpan.FromSeconds(2))));
            await EchoAsync(old);
            using var young = await ConnectAsync(relay.Socks, echo.Port);
            await EchoAsync(young);
        }
        finally
        {
            foreach (var tunnel in tunnels) tunnel.Close(timeout: 0);
        }
    }

    /// <summary>Writes until nothing has gone for a second.</summary>
    private static async Task FillAsync(Socket tunnel)
    {
        var bytes = new byte[1 << 16];
        while (true)
        {
            var sending = tunnel.SendAsync(bytes, SocketFlags.None);
            if (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(1))) == sending) continue;
            _ = sending.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
            return;
        }
    }

    private static async Task EchoAsync(Socket tunnel)
    {
        using var timeout = new CancellationTokenSource(_patience);
        var sent = new byte[Echoed];
        Random.Shared.NextBytes(sent);
        var sending = TcpOrigin.SendAsync(tunnel, sent, timeout.Token);
        var received = new byte[Echoed];
        for (var count = 0; count < Echoed;)
        {
            var read = await tunnel.ReceiveAsync(received.AsMemory(count), timeout.Token);
            Assert.NotEqual(0, read);
            count += read;
        }

        await sending;
        Assert.Equal(sent, received);
    }

    private static async Task<Socket> ConnectAsync(Uri relay, int port)
    {
        using var timeout = new CancellationTokenSource(_patience);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, relay.Port, timeout.Token);
        await socket.SendAsync(new byte[] { 5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, (byte)(port >> 8), (byte)port }, timeout.Token);
        var reply = new byte[12];
        for (var count = 0; count < reply.Length;)
        {
            var read = await socket.ReceiveAsync(reply.AsMemory(count), timeout.Token);
            Assert.NotEqual(0, read);
            count += read;
        }

        Assert.Equal(0, reply[3]);
        return socket;
    }
}
