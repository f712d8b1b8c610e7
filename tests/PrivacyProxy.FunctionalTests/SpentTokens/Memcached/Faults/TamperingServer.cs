using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>
/// Stands at the address of a memcached and lies. What a client asks to get acquainted (version, stats, the marker) the real one
/// answers, so that the node looks healthy until it is asked for a token; but for <see cref="Tampering.Silence"/>.
/// </summary>
internal sealed class TamperingServer : IAsyncDisposable
{
    private readonly Tampering _tampering;
    private readonly EndPoint _real;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _lies;

    public TamperingServer(IPEndPoint endPoint, EndPoint real, Tampering tampering)
    {
        (_real, _tampering) = (real, tampering);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(endPoint);
        _listener.Listen(128);
        _accepting = AcceptAsync();
    }

    /// <summary>Checks answered with a lie so far.</summary>
    public int Lies => Volatile.Read(ref _lies);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _stop.CancelAsync();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
        }
        catch (Exception e) when (IsEnd(e))
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            // Gone with everything in flight, as a process that dies.
            client.LingerState = new LingerOption(true, 0);
            try
            {
                await using var stream = new NetworkStream(client);
                using var real = new TcpClient();
                await real.ConnectAsync((IPEndPoint)_real, _stop.Token);
                await AnswerAsync(new StreamReader(stream, Encoding.ASCII), stream, real.GetStream());
            }
            catch (Exception e) when (IsEnd(e))
            {
                // The client has gone, or the fault is over.
            }
        }
    }

    private async Task AnswerAsync(StreamReader commands, NetworkStream replies, NetworkStream real)
    {
        using var realReplies = new StreamReader(real, Encoding.ASCII);
        while (await commands.ReadLineAsync(_stop.Token) is { } command)
        {
            var isAdd = command.StartsWith("add ", StringComparison.Ordinal);
            var data = isAdd ? await commands.ReadLineAsync(_stop.Token) : null;
            if (_tampering == Tampering.Silence) continue;
            var isCheck = isAdd || command.StartsWith("get ", StringComparison.Ordinal);
            if (isCheck && !IsMarker(command))
            {
                await replies.WriteAsync(Encoding.ASCII.GetBytes(Lie(isAdd)), _stop.Token);
                Interlocked.Increment(ref _lies);
                if (_tampering == Tampering.HalfReplyThenClose) return;
                if (_tampering == Tampering.HalfReplyThenSilence) await Task.Delay(Timeout.Infinite, _stop.Token);
                continue;
            }

            await real.WriteAsync(Encoding.ASCII.GetBytes(data is null ? command + "\r\n" : $"{command}\r\n{data}\r\n"), _stop.Token);
            await PassReplyAsync(realReplies, replies, manyLines: command.StartsWith("get ", StringComparison.Ordinal) || command.StartsWith("stats", StringComparison.Ordinal));
        }
    }

    private async Task PassReplyAsync(StreamReader from, NetworkStream to, bool manyLines)
    {
        string? line;
        do
        {
            line = await from.ReadLineAsync(_stop.Token);
            if (line is null) return;
            await to.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stop.Token);
        }
        while (manyLines && line != "END" && !line.Contains("ERROR", StringComparison.Ordinal));
    }

    private string Lie(bool isAdd) => _tampering switch
    {
        Tampering.Garbage => "\u0001\u0002HTTP/1.1 200 OK\r\nSTORED\r\n\r\n",
        Tampering.Error => "ERROR\r\n",
        Tampering.ServerError => "SERVER_ERROR backend failure\r\n",
        _ => isAdd ? "STO" : "EN",
    };

    /// <summary>A token's key has 43 characters after its prefix; the marker is shorter.</summary>
    private static bool IsMarker(string command) => command.Split(' ')[1].Length < SpentTokenKey.TextLength;

    private static bool IsEnd(Exception e) => e is SocketException or IOException or OperationCanceledException or ObjectDisposedException;
}
