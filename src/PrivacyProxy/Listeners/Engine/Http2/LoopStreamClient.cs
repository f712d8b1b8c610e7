using System.Buffers;
using System.IO.Pipelines;
using PrivacyProxy.Tunnels;
using Tunneling.Http2.Frames;
using Tunneling.Http2.Serving;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>A stream on a loop as the end of a tunnel whose bytes are not pumped as they are: those in capsules.</summary>
internal sealed class LoopStreamClient : TunnelClient
{
    private readonly Http2StreamChannel _channel;
    private readonly AsyncChannel _io;
    private readonly StreamInput _input;
    private byte[]? _buffer;
    private int _resetCode = -1;

    /// <summary>On the loop; the channel's handler from here on.</summary>
    public LoopStreamClient(Http2StreamChannel channel)
    {
        _channel = channel;
        _io = new AsyncChannel(channel);
        _input = new StreamInput(channel, _io);
        _ = _input.RunAsync();
    }

    public override PipeReader Input => _input.Reader;

    public override int MaxBufferSize => 64 * 1024;

    /// <summary>What the stream is to be reset with; null while it is not.</summary>
    public Http2ErrorCode? ResetCode => Volatile.Read(ref _resetCode) is >= 0 and var code ? (Http2ErrorCode)code : null;

    public override Memory<byte> GetBuffer(int size)
    {
        if (_buffer is not null && _buffer.Length < size) ReleaseBuffer();
        return _buffer ??= ArrayPool<byte>.Shared.Rent(size);
    }

    public override ValueTask<bool> SendAsync(int count) => _io.WriteAsync(_buffer.AsMemory(0, count));

    public override void ReleaseBuffer()
    {
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    public override async ValueTask CompleteAsync() => await _io.ShutdownWriteAsync();

    public override void Reset() => Reset(Http2ErrorCode.ConnectError);

    public override void ResetMalformed() => Reset(Http2ErrorCode.ProtocolError);

    /// <summary>The stream is closed: who still waits for it is told.</summary>
    public void Ended() => _io.Close(breaks: false);

    private void Reset(Http2ErrorCode code)
    {
        // Known at once, for the tunnel may end before the loop comes to it.
        if (Interlocked.CompareExchange(ref _resetCode, (int)code, -1) != -1) return;
        _channel.Loop.Post(static client => ((LoopStreamClient)client!).Break(), this);
    }

    private void Break()
    {
        _channel.Abort((Http2ErrorCode)_resetCode);
        Ended();
    }
}
