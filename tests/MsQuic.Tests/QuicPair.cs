using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MsQuic.Tests;

/// <summary>A server and a client connected to it, over real QUIC on loopback; skips the test by name where there is no libmsquic.</summary>
internal sealed class QuicPair : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public const long StreamCode = 0x10c, CloseCode = 0x100;

    public static readonly SslApplicationProtocol Protocol = new("test");

    private static readonly X509Certificate2 _certificate = TestCertificate.Create();

    private readonly QuicConfiguration _serverConfiguration;
    private readonly QuicConfiguration _clientConfiguration;

    private QuicPair(QuicConfiguration serverConfiguration, QuicConfiguration clientConfiguration, QuicListener listener) =>
        (_serverConfiguration, _clientConfiguration, Listener) = (serverConfiguration, clientConfiguration, listener);

    public static QuicSettings Settings { get; } = new()
    {
        MaxBidirectionalStreams = 100,
        MaxUnidirectionalStreams = 10,
        Datagrams = true,
    };

    public QuicListener Listener { get; }

    public QuicConnection Server { get; private set; } = null!;

    public QuicConnection Client { get; private set; } = null!;

    public static void RequireLibrary() => Skip.IfNot(QuicLibrary.IsSupported, QuicLibrary.Problem);

    public static QuicConfiguration ForServer(QuicSettings? settings = null, RemoteCertificateValidationCallback? validateClient = null) =>
        QuicConfiguration.ForServer([Protocol], settings ?? Settings, _certificate, [], validateClient);

    public static QuicConfiguration ForClient(QuicSettings? settings = null, X509Certificate2? certificate = null) =>
        QuicConfiguration.ForClient([Protocol], settings ?? Settings, static (_, _, _, _) => true, certificate);

    public static QuicListener Listen(QuicConfiguration configuration, int backlog = 512, IPAddress? address = null) => QuicListener.Listen(new QuicListenerOptions
    {
        EndPoint = new IPEndPoint(address ?? IPAddress.Loopback, 0),
        ApplicationProtocols = [Protocol],
        Configure = (_, _) => new ValueTask<QuicConfiguration?>(configuration),
        Backlog = backlog,
        DefaultStreamErrorCode = StreamCode,
        DefaultCloseErrorCode = CloseCode,
    });

    public static QuicClientOptions To(IPEndPoint server, QuicConfiguration configuration) => new()
    {
        Host = "localhost",
        Address = server.Address,
        Port = server.Port,
        Configuration = configuration,
        DefaultStreamErrorCode = StreamCode,
        DefaultCloseErrorCode = CloseCode,
    };

    /// <param name="server">What the server allows and holds.</param>
    /// <param name="client">The same of the client.</param>
    /// <param name="through">Makes what lies between them, given where the server is; returns where the client goes.</param>
    /// <param name="address">Where the server listens; null for 127.0.0.1.</param>
    public static async Task<QuicPair> StartAsync(QuicSettings? server = null, QuicSettings? client = null, Func<IPEndPoint, IPEndPoint>? through = null, IPAddress? address = null)
    {
        RequireLibrary();
        var serverConfiguration = ForServer(server);
        var pair = new QuicPair(serverConfiguration, ForClient(client), Listen(serverConfiguration, address: address));
        try
        {
            var accepting = pair.Listener.AcceptAsync().AsTask();
            var to = through?.Invoke(pair.Listener.EndPoint) ?? pair.Listener.EndPoint;
            pair.Client = await QuicConnection.ConnectAsync(To(to, pair._clientConfiguration)).AsTask().WaitAsync(Limit);
            pair.Server = (await accepting.WaitAsync(Limit))!;
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>A stream of the client's, and the server's end of it; the first byte tells the server of it.</summary>
    public async Task<(QuicStream Client, QuicStream Server)> OpenAsync(bool bidirectional = true)
    {
        var client = await Client.OpenStreamAsync(bidirectional).AsTask().WaitAsync(Limit);
        await client.Output.WriteAsync(new byte[] { 1 });
        var server = await Server.AcceptStreamAsync().AsTask().WaitAsync(Limit);
        var first = await server.Input.ReadAsync().AsTask().WaitAsync(Limit);
        server.Input.AdvanceTo(first.Buffer.GetPosition(1));
        return (client, server);
    }

    /// <summary>Waits, within the limit, for what libmsquic does in its own time.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(Limit);
        while (!condition()) await Task.Delay(5, timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null) await Client.DisposeAsync().AsTask().WaitAsync(Limit);
        if (Server is not null) await Server.DisposeAsync().AsTask().WaitAsync(Limit);
        await Listener.DisposeAsync().AsTask().WaitAsync(Limit);
        _clientConfiguration.Dispose();
        _serverConfiguration.Dispose();
        // Each would be a defect, whatever the test saw of it.
        Assert.Equal(0, Native.Callbacks.Failures);
    }
}
