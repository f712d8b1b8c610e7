using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyRelay.Configuration;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>A relay on a free port, and raw clients for it.</summary>
internal sealed class TestRelay : IAsyncDisposable
{
    /// <summary>A timeout worth waiting for in a test, and longer than a busy machine takes for a step of it.</summary>
    public static readonly TimeSpan Quick = TimeSpan.FromSeconds(3);

    /// <summary>For what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RelayServer _server;

    private TestRelay(RelayServer server) => _server = server;

    public int Port => _server.EndPoint.Port;

    public RelayServer Server => _server;

    public static TestRelay Start(TokenMint mint, params FakeProxy[] proxies) => Start(mint, roots: null, proxies);

    public static TestRelay Start(TokenMint mint, X509Certificate2? roots, params FakeProxy[] proxies) =>
        Start(mint, Options(roots, [.. proxies.Select(proxy => new HopOptions(proxy.Url, new Uri("https://issuer.example"), presharedKey: null))]));

    public static TestRelay Start(ITokenSourceFactory mint, RelayOptions options, ILoggerFactory? loggers = null) =>
        new(RelayServer.Start(options, mint, TimeProvider.System, loggers ?? NullLoggerFactory.Instance));

    public static RelayOptions Options(X509Certificate2? roots, params HopOptions[] hops) => Options(roots, UpstreamVersion.Auto, hops);

    public static RelayOptions Options(X509Certificate2? roots, UpstreamVersion upstream, params HopOptions[] hops) => new()
    {
        Upstream = upstream,
        Listen = "127.0.0.1:0",
        Proxies = [.. hops.Select(hop => hop.Proxy.ToString())],
        Issuers = [.. hops.Select(hop => hop.Issuer?.ToString()).OfType<string>()],
        PresharedKeys = [.. hops.Select(hop => hop.PresharedKey).OfType<string>()],
        TrustedRoots = roots is null ? [] : [roots],
        TokensLow = 1,
        TokensHigh = 4,
    };

    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Negotiates and asks for a domain; the reply code comes back.</summary>
    public static async Task<byte> SocksConnectAsync(NetworkStream stream, string host, int port)
    {
        await stream.WriteAsync(new byte[] { 5, 1, 0 });
        Assert.Equal([5, 0], await ReadAsync(stream, 2));
        await stream.WriteAsync(SocksRequest(1, host, port));
        var reply = await ReadAsync(stream, 10);
        Assert.Equal(5, reply[0]);
        return reply[1];
    }

    /// <summary>A tunnel through the relay, proved by an echo.</summary>
    public async Task<NetworkStream> OpenEchoAsync(int echoPort)
    {
        var client = await ConnectAsync();
        Assert.Equal(0, await SocksConnectAsync(client, "origin.example", echoPort));
        await EchoAsync(client);
        return client;
    }

    /// <summary>One byte there and back.</summary>
    public static async Task EchoAsync(NetworkStream client)
    {
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await ReadAsync(client, 1));
    }

    public static byte[] SocksRequest(byte command, string host, int port)
    {
        var request = new List<byte> { 5, command, 0, 3, (byte)host.Length };
        request.AddRange(Encoding.Latin1.GetBytes(host));
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)port);
        request.AddRange(bytes);
        return [.. request];
    }

    public static async Task<byte[]> ReadAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        using var timeout = new CancellationTokenSource(Patience);
        await stream.ReadExactlyAsync(bytes, timeout.Token);
        return bytes;
    }

    public static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, timeout.Token);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

internal static class RelayOptionsExtensions
{
    /// <summary>The options with a change.</summary>
    public static RelayOptions With(this RelayOptions options, Action<RelayOptions> change)
    {
        change(options);
        return options;
    }
}
