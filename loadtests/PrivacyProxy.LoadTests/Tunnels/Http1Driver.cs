using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>HTTP/1.1 CONNECT, a connection for each tunnel, cleartext or TLS.</summary>
internal sealed class Http1Driver(IPEndPoint proxy, string target, bool tls) : ITunnelDriver
{
    private static readonly SslClientAuthenticationOptions _tls = new()
    {
        TargetHost = "127.0.0.1",
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        // Our own throw-away proxy: whom we talk to is not what is measured.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };

    private readonly byte[] _buffer = new byte[4096];

    public async ValueTask<long> RunAsync(string credential, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy, cancellationToken);
        await using var stream = await SecureAsync(new NetworkStream(socket), cancellationToken);
        var length = Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: {credential}\r\n\r\n", _buffer);
        var askedAt = Stopwatch.GetTimestamp();
        await stream.WriteAsync(_buffer.AsMemory(0, length), cancellationToken);
        await ReadAnswerAsync(stream, cancellationToken);
        var elapsed = Stopwatch.GetTimestamp() - askedAt;
        await EchoAndCloseAsync(stream, socket, cancellationToken);
        return elapsed;
    }

    private async ValueTask<Stream> SecureAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        if (!tls) return stream;
        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(_tls, cancellationToken);
        return secured;
    }

    private async ValueTask ReadAnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        var length = 0;
        while (!_buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            if (length == _buffer.Length) throw new IOException("The answer's head is too long.");
            var read = await stream.ReadAsync(_buffer.AsMemory(length), cancellationToken);
            if (read == 0) throw new IOException("The proxy closed the connection without an answer.");
            length += read;
        }

        if (!_buffer.AsSpan().StartsWith("HTTP/1.1 200 "u8)) throw new IOException($"The proxy answered {Encoding.ASCII.GetString(_buffer, "HTTP/1.1 ".Length, "200".Length)}.");
    }

    private async ValueTask EchoAndCloseAsync(Stream stream, Socket socket, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_buffer.AsMemory(0, 1), cancellationToken);
        await stream.ReadExactlyAsync(_buffer.AsMemory(0, 1), cancellationToken);
        if (stream is SslStream secured) await secured.ShutdownAsync();
        else socket.Shutdown(SocketShutdown.Send);
        if (await stream.ReadAsync(_buffer, cancellationToken) != 0) throw new IOException("More came back than was sent.");
    }
}
