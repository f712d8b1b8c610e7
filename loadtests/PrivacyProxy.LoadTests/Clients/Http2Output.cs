namespace PrivacyProxy.LoadTests.Clients;

/// <summary>What a connection of HTTP/2 sends: frames are appended by many, and written together.</summary>
/// <param name="stream">Where they go.</param>
/// <param name="gate">The connection's lock, held by who appends.</param>
internal sealed class Http2Output(Stream stream, Lock gate)
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private byte[] _pending = new byte[64 * 1024];
    private byte[] _spare = new byte[64 * 1024];
    private int _pendingLength;

    public bool HasPending
    {
        get { lock (gate) return _pendingLength > 0; }
    }

    /// <summary>A frame that goes out with the next flush; the lock is held.</summary>
    public Span<byte> Append(int length, byte type, byte flags, int id)
    {
        var frame = Reserve(Http2Frame.HeaderLength + length);
        Http2Frame.WriteHeader(frame, length, type, flags, id);
        return frame[Http2Frame.HeaderLength..];
    }

    /// <summary>Bytes that are no frame; the lock is held.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_pending.Length - _pendingLength < length) Array.Resize(ref _pending, Math.Max(2 * _pending.Length, _pendingLength + length));
        _pendingLength += length;
        return _pending.AsSpan(_pendingLength - length, length);
    }

    /// <summary>Whoever comes first writes what all have appended; the others find nothing left.</summary>
    public async ValueTask FlushAsync()
    {
        await _writing.WaitAsync();
        try
        {
            byte[] bytes;
            int length;
            lock (gate)
            {
                (bytes, length) = (_pending, _pendingLength);
                if (length == 0) return;
                (_pending, _spare, _pendingLength) = (_spare, bytes, 0);
            }

            await stream.WriteAsync(bytes.AsMemory(0, length), CancellationToken.None);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The connection was closed.", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The same for those that do not wait.</summary>
    public async Task FlushQuietlyAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (IOException)
        {
            // The reading side sees it too.
        }
    }
}
