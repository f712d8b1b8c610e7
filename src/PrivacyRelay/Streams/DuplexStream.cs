using System.Net.Security;
using System.Net.Sockets;

namespace PrivacyRelay.Streams;

/// <summary>A stream both ways whose start may have been read ahead, and whose two directions end apart.</summary>
/// <remarks>Stacks: socket or a stream of HTTP/2, TLS on it, a tunnel in that, TLS inside the tunnel. What was read past a head stays in front of the next read.</remarks>
internal sealed class DuplexStream(Stream inner, IStreamEnds ends) : TunnelStream, IStreamEnds
{
    private byte[] _ahead = [];
    private Action? _disposed;
    private int _start;
    private int _end;

    /// <summary>Datagrams that travel beside it; null where there are none.</summary>
    public IStreamDatagrams? Datagrams { get; init; }

    /// <summary>A connected socket; disposed with the stream.</summary>
    public static DuplexStream Over(Socket socket) => new(new NetworkStream(socket, ownsSocket: true), new SocketEnds(socket));

    /// <summary>TLS over a stream, which is disposed with it.</summary>
    public static DuplexStream Over(SslStream tls, DuplexStream carrier) => new(tls, new TlsEnds(tls, carrier));

    /// <summary>The first byte without taking it; null at the end of the stream.</summary>
    public async ValueTask<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        if (_start == _end && !await ReadAheadAsync(256, cancellationToken)) return null;
        return _ahead[_start];
    }

    /// <summary>Whether bytes were read that nobody has taken.</summary>
    public bool HasReadAhead => _start < _end;

    /// <summary>Puts bytes that were read back in front of the next read.</summary>
    public void Return(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        byte[] all = [.. bytes, .. _ahead.AsSpan(_start.._end)];
        (_ahead, _start, _end) = (all, 0, all.Length);
    }

    /// <summary>Takes the empty lines before a request line, which RFC 9112 (section 2.2) has ignored: CRLF, or LF alone.</summary>
    public async ValueTask SkipEmptyLinesAsync(int most, CancellationToken cancellationToken)
    {
        for (var lines = 0; lines < most; lines++)
        {
            var first = await PeekAsync(cancellationToken);
            var length = first == (byte)'\r' ? 2 : 1;
            if (first is not ((byte)'\r' or (byte)'\n') || (_end - _start < length && !await ReadAheadAsync(256, cancellationToken)) || _ahead[_start + length - 1] != (byte)'\n') return;
            Take(length);
        }
    }

    /// <summary>Takes an HTTP/1.1 head up to and with its empty line; null when the stream ends inside it.</summary>
    /// <param name="limit">Its most bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isAnswer">Whether lines may end in LF alone.</param>
    /// <exception cref="InvalidDataException">The head is longer than <paramref name="limit"/> bytes.</exception>
    public async ValueTask<byte[]?> ReadHeadAsync(int limit, CancellationToken cancellationToken, bool isAnswer = false)
    {
        var searched = 0;
        while (true)
        {
            var end = EndOfHead(_ahead.AsSpan((_start + searched).._end), isAnswer);
            if (end >= 0 && searched + end <= limit) return Take(searched + end);
            if (_end - _start >= limit) throw new InvalidDataException("The head is too long.");
            searched = Math.Max(0, _end - _start - 3);
            if (!await ReadAheadAsync(limit, cancellationToken)) return null;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end) return inner.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(buffer.Length, _end - _start);
        Take(buffer.Span[..count]);
        return new ValueTask<int>(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken) => ends.CompleteWritesAsync(cancellationToken);

    public void Abort() => ends.Abort();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    /// <summary>Has something done once, when it is disposed; one thing at most.</summary>
    public void OnDisposed(Action disposed) => _disposed = disposed;

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await inner.DisposeAsync();
        }
        finally
        {
            await base.DisposeAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
        Interlocked.Exchange(ref _disposed, null)?.Invoke();
    }

    private static int EndOfHead(ReadOnlySpan<byte> bytes, bool isAnswer)
    {
        if (!isAnswer) return bytes.IndexOf("\r\n\r\n"u8) is >= 0 and var end ? end + 4 : -1;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\n') continue;
            if (bytes[(i + 1)..].StartsWith("\n"u8)) return i + 2;
            if (bytes[(i + 1)..].StartsWith("\r\n"u8)) return i + 3;
        }

        return -1;
    }

    private async ValueTask<bool> ReadAheadAsync(int capacity, CancellationToken cancellationToken)
    {
        if (_end == _ahead.Length)
        {
            var larger = new byte[Math.Min(Math.Max(_ahead.Length * 2, 1024), Math.Max(capacity, 1024))];
            if (larger.Length <= _end - _start) larger = new byte[_end - _start + 1024];
            _ahead.AsSpan(_start.._end).CopyTo(larger);
            (_ahead, _start, _end) = (larger, 0, _end - _start);
        }

        var count = await inner.ReadAsync(_ahead.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }

    private byte[] Take(int count)
    {
        var bytes = new byte[count];
        Take(bytes);
        return bytes;
    }

    private void Take(Span<byte> destination)
    {
        _ahead.AsSpan(_start, destination.Length).CopyTo(destination);
        _start += destination.Length;
        // A tunnel lives long; its handshake buffer need not.
        if (_start == _end) (_ahead, _start, _end) = ([], 0, 0);
    }
}
