using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using PrivacyProxy.Tunnels;
using Socket = System.Net.Sockets.Socket;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>A client's HTTP/1.1 connection as a tunnel's end. Kestrel reads it; everything to the client goes past Kestrel's output pipe, so that ends are in order.</summary>
internal abstract class Http1Client(ConnectionContext connection, PipeReader input) : TunnelClient
{
    private readonly WatchedInput _input = new(input);
    private byte[]? _buffer;

    public override PipeReader Input => _input;

    public override bool IsGone => Socket.IsBroken();

    protected Socket Socket { get; } = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;

    /// <summary>Cancels <paramref name="left"/> when the client leaves before its tunnel is open.</summary>
    public void Watch(CancellationTokenSource left) => _input.Watch(left);

    /// <summary>Sends all bytes.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    public override Memory<byte> GetBuffer(int size)
    {
        if (_buffer is not null && _buffer.Length < size) ReleaseBuffer();
        return _buffer ??= ArrayPool<byte>.Shared.Rent(size);
    }

    public override async ValueTask<bool> SendAsync(int count)
    {
        await WriteAsync(_buffer.AsMemory(0, count));
        return true;
    }

    public override void ReleaseBuffer()
    {
        if (_buffer is null) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    public override void Reset()
    {
        try
        {
            Socket.LingerState = new System.Net.Sockets.LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        connection.Abort();
    }
}
