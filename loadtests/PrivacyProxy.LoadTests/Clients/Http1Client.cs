using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>HTTP/1.1 CONNECT, a connection for each tunnel, cleartext or TLS.</summary>
internal sealed class Http1Client(ProxyAddress proxy) : ITunnelClient
{
    private const int MaxHead = 4096;

    public async ValueTask<ClientTunnel> OpenAsync(string target, string? credential, CancellationToken cancellationToken)
    {
        var (socket, stream) = await ClientTls.ConnectAsync(proxy, SslApplicationProtocol.Http11, cancellationToken);
        try
        {
            var head = Encoding.ASCII.GetBytes(credential is null
                ? $"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"
                : $"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: {credential}\r\n\r\n");
            var askedAt = Stopwatch.GetTimestamp();
            await stream.WriteAsync(head, cancellationToken);
            await ReadAnswerAsync(stream, cancellationToken);
            return new Http1Tunnel(socket, stream, askedAt, Stopwatch.GetTimestamp());
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async ValueTask ReadAnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        // Nothing comes after the head: the destination speaks when it is spoken to.
        var head = new byte[MaxHead];
        var length = 0;
        while (!head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            if (length == head.Length) throw new IOException("The answer's head is too long.");
            var read = await stream.ReadAsync(head.AsMemory(length), cancellationToken);
            if (read == 0) throw new IOException("The proxy closed the connection without an answer.");
            length += read;
        }

        if (!head.AsSpan().StartsWith("HTTP/1.1 200 "u8)) throw new IOException($"The proxy answered {Encoding.ASCII.GetString(head, "HTTP/1.1 ".Length, "200".Length)}{WhyIn(Encoding.ASCII.GetString(head, 0, length))}.");
    }

    /// <summary>What a refusal's Proxy-Status says.</summary>
    private static string WhyIn(string head) => head.Split("\r\n").FirstOrDefault(static line => line.StartsWith("Proxy-Status:", StringComparison.OrdinalIgnoreCase)) is { } line ? $" ({line})" : "";

    private sealed class Http1Tunnel(Socket socket, Stream stream, long askedAt, long answeredAt) : ClientTunnel(askedAt, answeredAt)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => stream.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => stream.WriteAsync(bytes, cancellationToken);

        public override async ValueTask CompleteAsync(CancellationToken cancellationToken)
        {
            if (stream is SslStream tls) await tls.ShutdownAsync();
            else socket.Shutdown(SocketShutdown.Send);
        }

        public override ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
