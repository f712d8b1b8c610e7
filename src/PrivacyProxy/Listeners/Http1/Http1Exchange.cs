using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>A CONNECT that was the first request of an HTTP/1.1 connection.</summary>
internal sealed class Http1Exchange : TunnelExchange
{
    /// <summary>What a refused client may still send while it reads the refusal, bytes.</summary>
    private const long MaxDrained = 1024 * 1024;

    private readonly Http1Client _client;
    private readonly TimeSpan _linger;
    private readonly TimeProvider _time;

    public Http1Exchange(ConnectionContext connection, ConnectHead? head, InvalidRequest? invalid, TimeSpan linger, TimeProvider time)
        : base(TunnelProtocol.Http1, time)
    {
        _time = time;
        _linger = linger;
        _client = connection.Features.Get<ISslStreamFeature>() is { } tls
            ? new TlsHttp1Client(connection, tls.SslStream)
            : new PlainHttp1Client(connection);
        Connection = connection.Features.Get<AdmittedConnection>();
        Peer = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        TraceParent = head?.TraceParent ?? default;
        Invalid = invalid;
        Request = head?.ToRequest();
        Certificate = PeerCertificate.Of(connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);
        if (Request is null) return;
        // Without a timer of its own it holds nothing to dispose of.
        var left = new CancellationTokenSource();
        Aborted = left.Token;
        _client.Watch(left);
    }

    public override IPAddress? Peer { get; }

    public override PeerCertificate? Certificate { get; }

    /// <summary>Fires when the connection breaks, or the client ends it before having sent a byte after the head.</summary>
    public override CancellationToken Aborted { get; }

    protected override async ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer)
    {
        await _client.WriteAsync(Http1Answer.Write(answer, ServerTimingField, closes: false));
        return _client;
    }

    protected override async ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        await _client.WriteAsync(Http1Answer.Write(answer, ServerTimingField, closes: true));
        await _client.CompleteAsync();
        await DrainAsync();
    }

    /// <summary>Closing over unread bytes would send a RST, which can overtake the answer (RFC 9112, section 9.6): read them first, and throw them away.</summary>
    private async ValueTask DrainAsync()
    {
        var input = _client.Input;
        await using var timer = _time.CreateTimer(static state => ((System.IO.Pipelines.PipeReader)state!).CancelPendingRead(), input, _linger, Timeout.InfiniteTimeSpan);
        for (long drained = 0; drained < MaxDrained;)
        {
            var result = await input.ReadAsync();
            drained += result.Buffer.Length;
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled) return;
        }
    }
}
