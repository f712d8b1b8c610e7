using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using Masque;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Listeners.Streams;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Http2.Hpack;
using Tunneling.Http2.Requests;
using Tunneling.Http3;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>A CONNECT, classic or extended, on a stream of our own QUIC.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer of its own the source holds nothing to dispose of.")]
internal sealed class RequestExchange : TunnelExchange
{
    private const long NoError = 0x100, RequestCancelled = 0x10c;

    private readonly QuicServerStream _request;
    private readonly RequestStreams _streams;
    private readonly StreamDatagrams _datagrams;
    private CancellationTokenSource? _left = new();

    /// <param name="request">The stream.</param>
    /// <param name="datagrams">What comes beside it.</param>
    /// <param name="streams">Its connection.</param>
    /// <param name="head">The request, good until this returns.</param>
    /// <param name="invalid">What is wrong with it, if that is known already.</param>
    public RequestExchange(QuicServerStream request, StreamDatagrams datagrams, RequestStreams streams, RequestHead head, InvalidRequest? invalid)
        : base(TunnelProtocol.Http3, streams.Services.Time)
    {
        (_request, _datagrams, _streams) = (request, datagrams, streams);
        Connection = streams.Place;
        TraceParent = head.Values(FieldName.TraceParent);
        if (invalid is null) Request = head.ReadConnect(streams.Services.Resources, out invalid);
        Invalid = invalid;
        if (Request?.Kind != TunnelKind.ConnectUdp) datagrams.Refuse();
        request.Stream.OnGivenUp(() => _ = _left?.CancelAsync());
    }

    public override IPAddress? Peer => (_request.RemoteEndPoint as IPEndPoint)?.Address;

    public override PeerCertificate? Certificate => _streams.Certificate;

    /// <summary>Fires when the client resets the stream, wants no answer, or its connection is gone; none once accepted.</summary>
    public override CancellationToken Aborted => _left?.Token ?? CancellationToken.None;

    /// <summary>Whatever became of it, it ends here, in order unless it was reset.</summary>
    public override void Close()
    {
        if (!IsAnswered)
        {
            _request.Abort(RequestCancelled);
            return;
        }

        _request.Stream.Output.Complete();
        // What the client still sends interests nobody (RFC 9114, section 4.1).
        _request.Stream.StopSending(NoError);
    }

    protected override async ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer)
    {
        var isUdp = Request!.Kind == TunnelKind.ConnectUdp;
        var output = _request.Stream.Output;
        WriteHead(output, answer.Status, [.. answer.Headers, ServerTimingField]);
        if ((await output.FlushAsync()).IsCompleted) throw new IOException("The client's stream was reset.");
        _left = null;
        _request.Stream.OnGivenUp(null);
        return new FrameClient(_request, isUdp ? _datagrams : null, _streams.Break);
    }

    protected override async ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        var output = _request.Stream.Output;
        WriteHead(output, answer.Status, [.. answer.Headers, ServerTimingField, .. answer.TextFields]);
        if (answer.Text.Length > 0)
        {
            output.Advance(CapsuleWriter.WriteHeader(output.GetSpan(CapsuleWriter.MaxHeaderLength), Frame.Data, (ulong)answer.Text.Length));
            output.Write(answer.Text);
        }

        await output.CompleteAsync();
    }

    /// <summary>A HEADERS frame.</summary>
    private static void WriteHead(PipeWriter output, int status, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        var most = QpackEncoder.MaxStartLength;
        foreach (var (name, value) in fields) most += QpackEncoder.MaxFieldLength(name, value);
        var section = ArrayPool<byte>.Shared.Rent(most);
        var length = QpackEncoder.WriteStart(section, status);
        foreach (var (name, value) in fields) length += QpackEncoder.WriteField(section.AsSpan(length), name, value);
        output.Advance(CapsuleWriter.WriteHeader(output.GetSpan(CapsuleWriter.MaxHeaderLength), Frame.Headers, (ulong)length));
        output.Write(section.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(section);
    }
}
