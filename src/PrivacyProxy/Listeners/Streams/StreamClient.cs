using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Listeners.Streams;

/// <summary>An HTTP/2 or HTTP/3 request stream as a tunnel's end.</summary>
internal sealed class StreamClient(HttpContext context, TunnelProtocol protocol) : TunnelClient
{
    // Taken once: the properties build their features anew on every read.
    private readonly PipeWriter _output = context.Response.BodyWriter;
    private readonly IHttpResetFeature _reset = context.Features.GetRequiredFeature<IHttpResetFeature>();
    private readonly CancellationToken _aborted = context.RequestAborted;

    public override PipeReader Input { get; } = context.Request.BodyReader;

    public override DatagramFlow? Datagrams { get; } = context.Features.Get<DatagramFlow>();

    // Kestrel's HTTP/3 on .NET's QUIC: an answer that has ended lets nothing more in.
    public override bool CanReadAfterComplete { get; } = protocol != TunnelProtocol.Http3;

    public override int MaxBufferSize => 64 * 1024;

    public override Memory<byte> GetBuffer(int size) => _output.GetMemory(size);

    public override async ValueTask<bool> SendAsync(int count)
    {
        _output.Advance(count);
        return !(await _output.FlushAsync()).IsCompleted;
    }

    // The pipe gives its memory back itself once it is sent.
    public override void ReleaseBuffer()
    {
    }

    /// <summary>A stream that was reset, by either side, has no end; on HTTP/3 Kestrel would wait for it for ever.</summary>
    public override async ValueTask CompleteAsync() => await context.Response.CompleteAsync().WaitAsync(_aborted);

    public override void Reset() => _reset.Reset(StreamErrors.Connect(protocol));

    public override void ResetMalformed() => _reset.Reset(StreamErrors.Malformed(protocol));
}
