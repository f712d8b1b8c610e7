using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>A channel for async methods on its loop: one reader and one writer at a time. For what is rare; tunnels are pumped without it.</summary>
internal sealed class AsyncChannel : IChannelHandler
{
    private readonly Channel _channel;
    private readonly LoopSignal _readable = new();
    private readonly LoopSignal _writable = new();

    /// <summary>Becomes the channel's handler.</summary>
    public AsyncChannel(Channel channel)
    {
        _channel = channel;
        channel.Handler = this;
    }

    /// <summary>Waits until a read would find something, or the end. Holds no buffer meanwhile.</summary>
    public async ValueTask WaitToReadAsync()
    {
        while (!_channel.CanRead && !_channel.IsClosed) await _readable.WaitAsync();
    }

    /// <summary>Reads at least a byte, the end, or the failure; <see cref="IoStatus.Failed"/> also once it is closed.</summary>
    public async ValueTask<IoResult> ReadAsync(Memory<byte> bytes)
    {
        while (true)
        {
            var result = _channel.Read(bytes.Span);
            if (result.Status != IoStatus.WouldBlock) return result;
            await _readable.WaitAsync();
        }
    }

    /// <summary>Writes everything. False: the connection is broken or closed.</summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var result = _channel.Write(bytes.Span);
            if (result.Status == IoStatus.Failed) return false;
            bytes = bytes[result.Value..];
            if (!bytes.IsEmpty && !_channel.CanWrite) await _writable.WaitAsync();
        }

        return true;
    }

    /// <summary>Ends this direction after everything written. False: the connection is broken or closed.</summary>
    public async ValueTask<bool> ShutdownWriteAsync()
    {
        while (true)
        {
            var result = _channel.ShutdownWrite();
            if (result.Status == IoStatus.End) return true;
            if (result.Status == IoStatus.Failed) return false;
            await _writable.WaitAsync();
        }
    }

    /// <summary>Closes it, or breaks it; who waits gets <see cref="IoStatus.Failed"/>.</summary>
    public void Close(bool breaks)
    {
        if (breaks) _channel.Abort();
        else _channel.Close();
        _readable.Set();
        _writable.Set();
    }

    void IChannelHandler.OnReady(Channel channel)
    {
        if (channel.CanRead || channel.IsBroken) _readable.Set();
        if (channel.CanWrite || channel.IsBroken) _writable.Set();
    }
}
