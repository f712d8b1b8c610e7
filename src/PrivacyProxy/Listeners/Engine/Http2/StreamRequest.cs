using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using PrivacyProxy.Admission.Http2;
using PrivacyProxy.Listeners.Streams;
using Tunneling.Admission;
using Tunneling.Http2.Frames;
using Tunneling.Http2.Requests;
using Tunneling.Http2.Serving;
using Tunneling.Loops;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>A request that asks for no tunnel, as the application sees it: served on the pool, read and written by the loop.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer of its own the source holds nothing to dispose of.")]
internal sealed class StreamRequest : IPipelineRequest, IChannelHandler, IHttpRequestFeature, IHttpConnectionFeature, IHttpRequestLifetimeFeature, IHttpResetFeature, IHttpRequestBodyDetectionFeature, IRequestBodyPipeFeature, IHttp2StreamIdFeature, IHttpRequestIdentifierFeature, IHttpRequestTrailersFeature
{
    private readonly CancellationTokenSource _left = new();
    private readonly Http2StreamChannel _channel;
    private readonly LoopStreams _streams;
    private readonly AsyncChannel _io;
    private readonly StreamInput? _input;
    private readonly StreamResponse _response;
    private HeaderDictionary? _trailers;

    /// <param name="channel">The stream, its own from here on.</param>
    /// <param name="streams">Its connection.</param>
    /// <param name="head">The request, good until this returns.</param>
    public StreamRequest(Http2StreamChannel channel, LoopStreams streams, RequestHead head)
    {
        (_channel, _streams) = (channel, streams);
        Method = Encoding.ASCII.GetString(head.Method);
        Scheme = Encoding.ASCII.GetString(head.Scheme);
        RawTarget = Encoding.ASCII.GetString(head.Path);
        var query = RawTarget.IndexOf('?', StringComparison.Ordinal);
        QueryString = query < 0 ? "" : RawTarget[query..];
        // A query has no place in *.
        Path = RawTarget[0] == '/' ? PathString.FromUriComponent(query < 0 ? RawTarget : RawTarget[..query]).Value! : "";
        Headers = new HeaderDictionary();
        head.CopyTo(Headers);
        _io = new AsyncChannel(channel);
        channel.Handler = this;
        _input = channel.Stream.IsRemoteEnded ? null : new StreamInput(channel, _io);
        // Before the end of the content, so whoever has read that may read these.
        channel.Stream.TrailersRead = trailers =>
        {
            _trailers = [];
            trailers.CopyFieldsTo(_trailers);
        };
        Reader = _input?.Reader ?? PipeReader.Create(Stream.Null);
        Body = _input is null ? Stream.Null : Reader.AsStream();
        RequestAborted = _left.Token;
        TraceIdentifier = $"{streams.Id}:{channel.Stream.Id:X8}";
        _response = new StreamResponse(channel, _io, streams.Services.Time, isHead: HttpMethods.IsHead(Method));
        Features = WithFeatures();
    }

    public IFeatureCollection Features { get; }

    public string Protocol { get; set; } = HttpProtocol.Http2;

    public string Scheme { get; set; }

    public string Method { get; set; }

    public string PathBase { get; set; } = "";

    public string Path { get; set; }

    public string QueryString { get; set; }

    public string RawTarget { get; set; }

    public IHeaderDictionary Headers { get; set; }

    public Stream Body { get; set; }

    public PipeReader Reader { get; }

    public bool CanHaveBody => _input is not null;

    public bool Available => _trailers is not null;

    public IHeaderDictionary Trailers => _trailers ?? throw new InvalidOperationException("There are none, or none yet.");

    public CancellationToken RequestAborted { get; set; }

    public string TraceIdentifier { get; set; }

    public string ConnectionId
    {
        get => _streams.Id;
        set => throw new NotSupportedException();
    }

    public IPAddress? RemoteIpAddress { get => field ?? _channel.Peer.ToAddress(); set; }

    public int RemotePort { get => _channel.Peer.Port; set => throw new NotSupportedException(); }

    public IPAddress? LocalIpAddress { get => field ?? _streams.Local.Address; set; }

    public int LocalPort { get => _streams.Local.Port; set => throw new NotSupportedException(); }

    public int StreamId => _channel.Stream.Id;

    /// <summary>On the loop.</summary>
    public void Begin()
    {
        if (_input is not null)
        {
            if (string.Equals(Headers.Expect, "100-continue", StringComparison.OrdinalIgnoreCase)) _channel.Respond(StatusCodes.Status100Continue, [], endsStream: false);
            _ = _input.RunAsync();
        }

        ThreadPool.UnsafeQueueUserWorkItem(static request => _ = request._streams.Services.Pipeline.ServeAsync(request), this, preferLocal: false);
    }

    public void Abort() => Reset((int)Http2ErrorCode.InternalError);

    public void Reset(int errorCode)
    {
        _ = _left.CancelAsync();
        _channel.Loop.Post(
            _ =>
            {
                _channel.Abort((Http2ErrorCode)errorCode);
                _io.Close(breaks: true);
            },
            null);
    }

    public async Task EndAsync(Exception? error)
    {
        try
        {
            if (error is null) await _response.CompleteAsync();
        }
        catch (Exception e)
        {
            error = e;
        }

        if (error is not null) await FailAsync(error);
        await _response.Sent;
        await _response.CompletedAsync(_streams.Services.Pipeline.Failed);
        await Reader.CompleteAsync();
        // In order, but what the client has not sent yet is not waited for (RFC 9113, section 8.1).
        _channel.Loop.Post(static io => ((AsyncChannel)io!).Close(breaks: false), _io);
    }

    void IChannelHandler.OnReady(Channel channel)
    {
        if (channel.IsBroken) _ = _left.CancelAsync();
        ((IChannelHandler)_io).OnReady(channel);
    }

    private async Task FailAsync(Exception error)
    {
        if (_left.IsCancellationRequested)
        {
            // Whoever left is not told, and what it has left undone is no fault of ours.
            _response.GiveUp();
            return;
        }

        if (error is not BadHttpRequestException) _streams.Services.Pipeline.Failed(error);
        if (!_response.HasStarted) await _response.FailAsync(error is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError);
        else Abort();
        if (!_response.HasStarted || _left.IsCancellationRequested) _response.GiveUp();
    }

    private FeatureCollection WithFeatures()
    {
        var features = new FeatureCollection(initialCapacity: 24);
        features.Set<IHttpRequestFeature>(this);
        features.Set<IHttpConnectionFeature>(this);
        features.Set<IHttpRequestLifetimeFeature>(this);
        features.Set<IHttpResetFeature>(this);
        features.Set<IHttpRequestBodyDetectionFeature>(this);
        features.Set<IRequestBodyPipeFeature>(this);
        features.Set<IHttp2StreamIdFeature>(this);
        features.Set<IHttpRequestIdentifierFeature>(this);
        features.Set<IHttpRequestTrailersFeature>(this);
        features.Set<IHttpResponseFeature>(_response);
        features.Set<IInterimAnswers>(_response);
        features.Set<IHttpResponseBodyFeature>(_response);
        features.Set<IHttpResponseTrailersFeature>(_response);
        features.Set<AdmittedConnection>(_streams.Place);
        features.Set<IStrangerStreams>(_streams);
        if (_streams.Alternative is { } alternative) features.Set(alternative);
        if (_channel.Session.Client is TlsChannel secure) TlsFeatures.Leave(features, secure.Session, _streams.Place);
        return features;
    }
}
