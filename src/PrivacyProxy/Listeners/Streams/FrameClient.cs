using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using MsQuic;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Listeners.Streams;

/// <summary>
/// A request stream of HTTP/3 as a tunnel's end, past Kestrel, which has read its head and sent the answer's: both sides' DATA frames are the
/// tunnel's own, where the transport has put them and where it sends them from.
/// </summary>
internal sealed class FrameClient : TunnelClient
{
    private readonly HttpContext _context;
    private readonly QuicStream _stream;
    private readonly IHttpResetFeature _reset;
    private readonly CancellationToken _aborted;
    private Memory<byte> _frame;

    private FrameClient(HttpContext context, QuicStream stream, PipeReader input)
    {
        (_context, _stream, Input, _aborted) = (context, stream, input, context.RequestAborted);
        // A tunnel's pumps never block.
        stream.ContinuesInline = true;
        _reset = context.Features.GetRequiredFeature<IHttpResetFeature>();
        Datagrams = context.Features.Get<DatagramFlow>();
    }

    public override PipeReader Input { get; }

    public override DatagramFlow? Datagrams { get; }

    public override bool IsGone => _stream.PeerErrorCode is not null || _stream.Closed.IsCompleted;

    /// <summary>With what goes before it, what the transport sends at once.</summary>
    public override int MaxBufferSize => QuicStream.LargeWrite - Frame.DataHeaderLength;

    /// <summary>Takes the stream of a request that was accepted.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public static async ValueTask<FrameClient> TakeAsync(HttpContext context, QuicStream stream, RequestInput input) => new(context, stream, await input.TakeAsync());

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

    /// <summary>A stream that was reset, by either side, has no end: Kestrel would wait for it for ever.</summary>
    public override async ValueTask CompleteAsync() => await _context.Response.CompleteAsync().WaitAsync(_aborted);

    public override void Reset() => _reset.Reset(StreamErrors.Connect(TunnelProtocol.Http3));

    public override void ResetMalformed() => _reset.Reset(StreamErrors.Malformed(TunnelProtocol.Http3));
}
