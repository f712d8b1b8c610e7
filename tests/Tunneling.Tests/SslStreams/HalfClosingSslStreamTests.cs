using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tunneling.SslStreams;

namespace Tunneling.Tests.SslStreams;

public sealed class HalfClosingSslStreamTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly X509Certificate2 _certificate = new TestAuthority().Issue();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task What_arrives_while_its_own_direction_ends_is_not_lost(SslProtocols version)
    {
        for (var round = 0; round < 15; round++)
        {
            var (client, server) = await ConnectAsync(version);
            await using var _ = client;
            await using var __ = server;
            var sending = SendUntilEndAsync(server);
            var received = 0;
            var buffer = new byte[4096];
            Task? ending = null;
            for (int count; (count = await client.ReadAsync(buffer).AsTask().WaitAsync(_patience)) > 0;)
            {
                received += count;
                if (received > 100_000) ending ??= Task.Run(client.ShutdownAsync);
            }

            Assert.NotNull(ending);
            await ending.WaitAsync(_patience);
            Assert.Equal(await sending.WaitAsync(_patience), received);
        }
    }

    [Fact]
    public async Task It_ends_though_a_read_waits_for_the_peer_and_the_read_goes_on()
    {
        var (client, server) = await ConnectAsync(SslProtocols.Tls13);
        await using var _ = client;
        await using var __ = server;
        var reading = client.ReadAsync(new byte[10]).AsTask();
        await client.ShutdownAsync().WaitAsync(_patience);
        Assert.Equal(0, await server.ReadAsync(new byte[10]).AsTask().WaitAsync(_patience));
        Assert.False(reading.IsCompleted);
        await server.WriteAsync(new byte[7]);
        Assert.Equal(7, await reading.WaitAsync(_patience));
    }

    /// <summary>Sends small records until the peer has ended; how many bytes.</summary>
    private static async Task<int> SendUntilEndAsync(SslStream server)
    {
        var ended = server.ReadAsync(new byte[1]).AsTask();
        var sent = 0;
        for (; !ended.IsCompleted; sent += 50) await server.WriteAsync(new byte[50]);
        Assert.Equal(0, await ended);
        await server.ShutdownAsync();
        return sent;
    }

    internal static async Task<(SslStream Client, SslStream Server)> ConnectAsync(SslProtocols version)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.LocalEndpoint);
        var client = new HalfClosingSslStream(new NetworkStream(socket, ownsSocket: true));
        var server = new SslStream(new NetworkStream(await listener.AcceptSocketAsync(), ownsSocket: true));
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(_certificate),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = version,
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            })).WaitAsync(_patience);
        return (client, server);
    }
}
