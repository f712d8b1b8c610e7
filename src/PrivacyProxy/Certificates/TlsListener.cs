using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Tunneling.SslStreams;

namespace PrivacyProxy.Certificates;

/// <summary>TLS on a listener, which also tells those who come without it what they did wrong, instead of closing without a word.</summary>
internal static class TlsListener
{
    /// <summary>How long a connection may say nothing; as the platform has it for a handshake.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>What a client hears that came in cleartext.</summary>
    public static ReadOnlySpan<byte> CleartextAnswer =>
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 58\r\nConnection: close\r\n\r\nThis port speaks TLS. Use https:// in the proxy's address\n"u8;

    public static void UseTls(this ListenOptions listen, HttpsConnectionAdapterOptions https)
    {
        listen.Use(static next => connection => ServeAsync(connection, next));
        listen.UseHttps(https);
    }

    public static void UseTls(this ListenOptions listen, TlsHandshakeCallbackOptions https)
    {
        listen.Use(static next => connection => ServeAsync(connection, next));
        listen.UseHttps(https);
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            // Whoever went away or stays silent is found out about by the handshake, too.
            using var patience = new CancellationTokenSource(_patience);
            var input = connection.Transport.Input;
            var read = await input.ReadAsync(patience.Token);
            var isPlain = !read.Buffer.IsEmpty && IsMethod(read.Buffer.FirstSpan[0]);
            var isOver = read.Buffer.IsEmpty && read.IsCompleted;
            input.AdvanceTo(isPlain ? read.Buffer.End : read.Buffer.Start);
            if (isOver) return;
            if (isPlain)
            {
                await connection.Transport.Output.WriteAsync(CleartextAnswer.ToArray(), patience.Token);
                await connection.Transport.Output.CompleteAsync();
                return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return;
        }

        var turns = new SessionTurns();
        connection.Features.Set(turns);
        connection.Transport = new Transport(new CiphertextInput(connection.Transport.Input, turns), connection.Transport.Output);
        await next(connection);
    }

    /// <summary>The first byte of a request in cleartext, which none of a TLS record is (RFC 8446, section 5.1: 20 to 24).</summary>
    private static bool IsMethod(byte first) => first is >= (byte)'A' and <= (byte)'Z';

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
