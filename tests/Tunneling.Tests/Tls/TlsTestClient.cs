using System.Runtime.InteropServices;
using Tunneling.Native;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

/// <summary>The client's side of TLS by libssl, for what .NET's does not let one do. It trusts anything.</summary>
internal sealed unsafe partial class TlsTestClient : IDisposable
{
    private readonly SslContextHandle _context = LibSsl.SSL_CTX_new(LibSsl.TLS_client_method());

    public TlsTestClient(TlsVersion version = TlsVersion.Tls13)
    {
        Assert.Equal(1, LibSsl.SSL_CTX_ctrl(_context, LibSsl.SSL_CTRL_SET_MAX_PROTO_VERSION, (nint)version, 0));
    }

    /// <summary>A session without a socket, and its SSL.</summary>
    public TlsSession Connect(TlsBuffers buffers, out SslHandle ssl)
    {
        ssl = LibSsl.SSL_new(_context);
        ssl.Keep(_context);
        return new TlsSession(ssl, isServer: false, socket: null, buffers);
    }

    public void Dispose() => _context.Dispose();

    /// <summary>A record with nothing but a KeyUpdate (RFC 8446, section 4.6.3).</summary>
    public static byte[] UpdateKey(SslHandle ssl, TlsBuffers buffers, bool peerToo)
    {
        Assert.Equal(1, SSL_key_update(ssl, peerToo ? 1 : 0));
        var frame = buffers.Frame;
        frame->OutputLength = 0;
        Assert.Equal(1, LibSsl.SSL_do_handshake(ssl));
        return new ReadOnlySpan<byte>(frame->Output, frame->OutputLength).ToArray();
    }

    [LibraryImport("libssl.so.3")]
    private static partial int SSL_key_update(SslHandle ssl, int type);
}

/// <summary>A client and a server of ours in one thread, with the bytes between them in the test's hand.</summary>
internal sealed class TlsPair : IDisposable
{
    private readonly TlsBuffers _buffers = new();
    private readonly TlsTestClient _context;

    public TlsPair(TlsServerContext server, TlsVersion version = TlsVersion.Tls13)
    {
        _context = new TlsTestClient(version);
        Client = _context.Connect(_buffers, out var ssl);
        ClientSsl = ssl;
        Server = server.Accept(_buffers);
    }

    public TlsSession Client { get; }

    public SslHandle ClientSsl { get; }

    public TlsBuffers Buffers => _buffers;

    public TlsSession Server { get; }

    /// <summary>What a session has to send.</summary>
    public static byte[] TakeAll(TlsSession session)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (var count = session.Take(buffer); count > 0; count = session.Take(buffer)) all.Write(buffer, 0, count);
        return all.ToArray();
    }

    public static void Give(TlsSession session, byte[] bytes) => Assert.Equal(bytes.Length, session.Give(bytes));

    /// <summary>The flights of a handshake, the client's and the server's in turn; both are done with it then.</summary>
    public List<byte[]> Handshake()
    {
        var flights = new List<byte[]>();
        while (true)
        {
            var client = Client.Handshake();
            Assert.True(client is TlsStatus.Done or TlsStatus.WantRead, Client.Failure);
            var flight = TakeAll(Client);
            flights.Add(flight);
            Give(Server, flight);
            var server = Server.Handshake();
            Assert.True(server is TlsStatus.Done or TlsStatus.WantRead, Server.Failure);
            flight = TakeAll(Server);
            flights.Add(flight);
            Give(Client, flight);
            if (client == TlsStatus.Done && server == TlsStatus.Done) break;
        }

        return flights;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _context.Dispose();
        _buffers.Dispose();
    }
}
