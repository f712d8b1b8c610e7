using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Tunneling.Native;
using Tunneling.SslStreams;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

/// <summary>A listener on loopback whose connections are sessions of ours, each on a thread of its own.</summary>
internal sealed class TlsTestServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TlsTestServer(TlsServerContext context)
    {
        Context = context;
        _listener.Start(512);
    }

    public TlsServerContext Context { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Takes the next connection and runs a server on it.</summary>
    public Task<T> Serve<T>(Func<TlsEnd, T> server) => Task.Factory.StartNew(
        () =>
        {
            using var end = new TlsEnd(Context, AcceptHandle());
            return server(end);
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    public Task Serve(Action<TlsEnd> server) => Serve(end =>
    {
        server(end);
        return true;
    });

    /// <summary>A plain connection to it.</summary>
    public Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, Port);
        return socket;
    }

    /// <summary>A connection of .NET's TLS that trusts anything.</summary>
    public async Task<SslStream> ConnectAsync(Action<SslClientAuthenticationOptions>? configure = null)
    {
        var stream = new HalfClosingSslStream(new NetworkStream(Connect(), ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        configure?.Invoke(options);
        try
        {
            await stream.AuthenticateAsClientAsync(options).WaitAsync(TlsEnd.Patience);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Context.Dispose();
    }

    private SocketHandle AcceptHandle()
    {
        if (!_listener.Server.Poll(TlsEnd.Patience, SelectMode.SelectRead)) throw new TimeoutException("Nobody connected.");
        using var socket = _listener.AcceptSocket();
        return SocketCopies.Duplicate(socket);
    }
}
