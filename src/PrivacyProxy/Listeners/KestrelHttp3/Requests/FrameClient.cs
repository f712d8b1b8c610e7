using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using MsQuic;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Listeners.Streams;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>
/// A request stream of HTTP/3 as a tunnel's end: both sides' DATA frames are the tunnel's own, where the transport has put them and where it
/// sends them from.
/// </summary>
internal sealed class FrameClient : TunnelClient
{
    private readonly QuicServerStream _request;
    private readonly QuicStream _stream;
    private Memory<byte> _frame;

    /// <param name="request">The stream of a request whose answer was sent.</param>
    /// <param name="datagrams">Those beside it; null where it has none.</param>
    /// <param name="breakConnection">Ends the connection with a code.</param>
    public FrameClient(QuicServerStream request, StreamDatagrams? datagrams, Action<long> breakConnection)
    {
        (_request, _stream, Datagrams) = (request, request.Stream, datagrams);
        // A tunnel's pumps never block.
        _stream.ContinuesInline = true;
        Input = new FrameInput(_stream.Input, breakConnection);
    }

    public override PipeReader Input { get; }

    public override DatagramFlow? Datagrams { get; }

    public override bool IsGone => _stream.PeerErrorCode is not null || _stream.Closed.IsCompleted;

    /// <summary>With what goes before it, what the transport sends at once.</summary>
    public override int MaxBufferSize => QuicStream.LargeWrite - Frame.DataHeaderLength;

    public override Memory<byte> GetBuffer(int size)
    {
        _frame = _stream.Output.GetMemory(size + Frame.DataHeaderLength);
        return _frame[Frame.DataHeaderLength..];
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<bool> SendAsync(int count)
    {
        Frame.WriteDataHeader(_frame.Span, count);
        _stream.Output.Advance(Frame.DataHeaderLength + count);
        _frame = default;
        return !(await _stream.Output.FlushAsync()).IsCompleted;
    }

    public override void ReleaseBuffer()
    {
        _frame = default;
        _stream.ReleaseMemory();
    }

    public override ValueTask CompleteAsync() => _stream.Output.CompleteAsync();

    public override void Reset() => _request.Abort(StreamErrors.Connect(TunnelProtocol.Http3));

    public override void ResetMalformed() => _request.Abort(StreamErrors.Malformed(TunnelProtocol.Http3));
}
