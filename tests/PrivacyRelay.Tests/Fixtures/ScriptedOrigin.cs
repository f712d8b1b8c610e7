using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>An origin that answers each request with what the test says, byte for byte, and pays no heed to <c>Connection: close</c>.</summary>
internal sealed class ScriptedOrigin : IAsyncDisposable
{
    private readonly Func<string, string> _answer;
    private readonly LoopbackServer _server;

    /// <param name="answer">From a request's head and Content-Length body to the answer.</param>
    /// <param name="isLast">Whether the connection ends after an answer.</param>
    public ScriptedOrigin(Func<string, string> answer, bool isLast = false)
    {
        _answer = answer;
        _server = new LoopbackServer((socket, cancellationToken) => ServeAsync(socket, isLast, cancellationToken));
    }

    public ScriptedOrigin(string answer, bool isLast = false) : this(_ => answer, isLast) { }

    /// <summary>Every request as it came.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public int Accepted => _server.Accepted;

    public int Port => _server.Port;

    public string Url => $"http://origin.example:{Port}";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket socket, bool isLast, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(socket);
        var text = "";
        var buffer = new byte[4096];
        while (true)
        {
            int length;
            while ((length = LengthOf(text)) < 0)
            {
                var count = await stream.ReadAsync(buffer, cancellationToken);
                if (count == 0) return;
                text += Encoding.Latin1.GetString(buffer, 0, count);
            }

            Requests.Enqueue(text[..length]);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(_answer(text[..length])), cancellationToken);
            text = text[length..];
            if (!isLast) continue;
            socket.Shutdown(SocketShutdown.Send);
            // Whatever else comes is for nobody.
            await stream.CopyToAsync(Stream.Null, cancellationToken);
            return;
        }
    }

    /// <summary>Of the first whole request; negative when there is none.</summary>
    private static int LengthOf(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return -1;
        var head = text[..end].Split("\r\n");
        if (head.Contains("Transfer-Encoding: chunked", StringComparer.OrdinalIgnoreCase))
        {
            // The tests' trailers end with the field End.
            var last = text.IndexOf("End: 1\r\n\r\n", end, StringComparison.Ordinal);
            return last < 0 ? -1 : last + "End: 1\r\n\r\n".Length;
        }

        var length = head.FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        var whole = end + 4 + (length is null ? 0 : int.Parse(length["Content-Length: ".Length..]));
        return whole <= text.Length ? whole : -1;
    }
}
