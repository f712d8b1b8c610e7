using System.Diagnostics.CodeAnalysis;
using System.Net;
using PrivacyProxy.Listeners.Streams;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Http2.Frames;
using Tunneling.Http2.Hpack;
using Tunneling.Http2.Requests;
using Tunneling.Http2.Serving;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>A CONNECT, classic or extended, on a stream of an HTTP/2 connection on a loop. All of it runs there.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer of its own the source holds nothing to dispose of.")]
internal sealed class LoopStreamExchange : TunnelExchange, IChannelHandler
{
    private readonly Http2StreamChannel _channel;
    private CancellationTokenSource? _left = new();
    private LoopStreamClient? _client;

    /// <param name="channel">The stream; its handler until the request is answered.</param>
    /// <param name="streams">Its connection.</param>
    /// <param name="head">The request, good until this returns.</param>
    /// <param name="invalid">What is wrong with it, if that is known already.</param>
    public LoopStreamExchange(Http2StreamChannel channel, LoopStreams streams, RequestHead head, InvalidRequest? invalid)
        : base(TunnelProtocol.Http2, streams.Services.Time)
    {
        _channel = channel;
        channel.Handler = this;
        Connection = streams.Place;
        TraceParent = head.Values(FieldName.TraceParent);
        if (invalid is null) Request = head.ReadConnect(streams.Services.Resources, out invalid);
        Invalid = invalid;
    }

    public override IPAddress? Peer => _channel.Peer.ToAddress();

    public override PeerCertificate? Certificate => ((LoopPlace)Connection!).Certificate;

    /// <summary>Fires when the client resets the stream, or its connection is gone; none once accepted.</summary>
    public override CancellationToken Aborted => _left?.Token ?? CancellationToken.None;

    /// <summary>Those in capsules go through sockets of .NET.</summary>
    public override bool IsOnLoop => Request?.Kind == TunnelKind.Connect;

    /// <summary>Whatever became of the stream, it ends here.</summary>
    public override void Close()
    {
        if (_client?.ResetCode is { } code) _channel.Abort(code);
        else if (!IsAnswered) _channel.Abort(Http2ErrorCode.Cancel);
        else _channel.Close();
        _client?.Ended();
    }

    void IChannelHandler.OnReady(Channel channel)
    {
        // Not here: what is cancelled may be this very turn's.
        if (channel.IsBroken && !IsAnswered) _ = _left?.CancelAsync();
    }

    protected override ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer)
    {
        if (_channel.IsBroken) throw new IOException("The client's stream was reset.");
        _channel.Respond(answer.Status, [.. answer.Headers, ServerTimingField], endsStream: false);
        _left = null;
        if (IsOnLoop) return new(new LoopEnd(_channel, early: null));
        _client = new LoopStreamClient(_channel);
        return new(_client);
    }

    protected override async ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        if (_channel.IsBroken) throw new IOException("The client's stream was reset.");
        _channel.Respond(answer.Status, [.. answer.Headers, ServerTimingField, .. answer.TextFields], endsStream: answer.Text.Length == 0);
        if (answer.Text.Length == 0) return;
        var io = new AsyncChannel(_channel);
        if (!await io.WriteAsync(answer.Text) || !await io.ShutdownWriteAsync()) throw new IOException("The client's stream was reset.");
    }
}
