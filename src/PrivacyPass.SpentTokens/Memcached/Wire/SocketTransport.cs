using System.Net.Sockets;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>A plain socket: a write never blocks, the reader sleeps in poll(2) and wakes by itself, without .NET's epoll thread between.</summary>
internal sealed class SocketTransport : MemcachedTransport
{
    private readonly Socket _socket;

    public SocketTransport(Socket connected)
    {
        _socket = connected;
        // Callers and the reader's own continuations write: neither may sleep because the server does not read.
        _socket.Blocking = false;
    }

    /// <summary>For who waits for replies by other means than <see cref="Receive"/>.</summary>
    public SafeSocketHandle Handle => _socket.SafeHandle;

    public override int Receive(Span<byte> buffer)
    {
        while (true)
        {
            _socket.Poll(-1, SelectMode.SelectRead);
            var received = _socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success) return received;
            if (error is not (SocketError.WouldBlock or SocketError.Interrupted)) throw new SocketException((int)error);
        }
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> batch)
    {
        var sent = _socket.Send(batch.Span, SocketFlags.None, out var error);
        if (sent == batch.Length) return default;
        return error is SocketError.Success or SocketError.WouldBlock or SocketError.Interrupted
            ? SendRestAsync(batch[Math.Max(sent, 0)..])
            : ValueTask.FromException(new SocketException((int)error));
    }

    public override void Abort()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already: the reader knows.
        }
    }

    public override void Dispose() => _socket.Dispose();

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty) rest = rest[await _socket.SendAsync(rest, SocketFlags.None)..];
    }
}
