using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

/// <summary>One end of a real connection whose other end is a link; answers what the test says.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[1 << 16];

    private ScriptedServer(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    public static Task<(ScriptedServer Server, MemcachedLink Link)> ConnectAsync(MemcachedLinkOptions options) => ConnectAsync(options, null);

    public static async Task<(ScriptedServer Server, MemcachedLink Link)> ConnectAsync(MemcachedLinkOptions options, X509Certificate2? certificate)
    {
        using var listener = Listen(out var endpoint);
        var connecting = MemcachedLink.ConnectAsync(endpoint, options, CancellationToken.None);
        var socket = await listener.AcceptAsync();
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (certificate is not null)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(certificate);
            stream = tls;
        }

        return (new ScriptedServer(socket, stream), await connecting);
    }

    public static Socket Listen(out MemcachedEndpoint endpoint)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Little, so that it does not take much to fill it.
        listener.ReceiveBufferSize = 64 * 1024;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Assert.True(MemcachedEndpoint.TryParse(listener.LocalEndPoint!.ToString(), out var parsed));
        endpoint = parsed;
        return listener;
    }

    /// <summary>Reads until so many lines have come: one for a get, two for an add.</summary>
    public async Task<string> ReadLinesAsync(int lines)
    {
        var text = new StringBuilder();
        while (lines > 0)
        {
            var received = await _stream.ReadAsync(_buffer);
            Assert.NotEqual(0, received);
            lines -= _buffer.AsSpan(0, received).Count((byte)'\n');
            text.Append(Encoding.ASCII.GetString(_buffer, 0, received));
        }

        return text.ToString();
    }

    public async Task SendAsync(string text)
    {
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await _stream.FlushAsync();
    }

    /// <summary>Ends the connection with RST.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
