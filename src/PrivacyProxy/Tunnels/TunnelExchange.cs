using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Primitives;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using Tunneling.Admission;

namespace PrivacyProxy.Tunnels;

/// <summary>One tunnel request and the ways to answer it; each HTTP version has its own.</summary>
internal abstract class TunnelExchange(TunnelProtocol protocol, TimeProvider time) : IRecordedRequest
{
    private string? _serverTiming;

    /// <summary>When the request had been read, from <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long ReceivedAt { get; } = time.GetTimestamp();

    public TunnelProtocol Protocol => protocol;

    /// <summary>The request; null if <see cref="Invalid"/> says what is wrong with it, and once it was accepted: its credentials alone are a kilobyte.</summary>
    public TunnelRequest? Request { get; private protected set; }

    /// <summary>What is wrong with a request that is refused unread, else null.</summary>
    public InvalidRequest? Invalid { get; protected init; }

    /// <summary>The place of the connection that brought it; null where there is no bound on connections.</summary>
    public AdmittedConnection? Connection { get; protected init; }

    /// <inheritdoc/>
    public abstract IPAddress? Peer { get; }

    /// <inheritdoc/>
    public StringValues TraceParent { get; protected init; }

    /// <summary>What the client showed in the handshake of its connection; null for nothing, and where it is not asked.</summary>
    public virtual PeerCertificate? Certificate => null;

    /// <summary>The status that opens a tunnel here.</summary>
    public virtual int AcceptedStatus => StatusCodes.Status200OK;

    /// <summary>Fires when the client has given up before the answer.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>True when it lives on an event loop, where its destination is to be dialled too.</summary>
    public virtual bool IsOnLoop => false;

    /// <summary>What records the request until it is answered; null when nothing does.</summary>
    public RequestTrace? Trace { get; set; }

    /// <summary>Once answered, the id of its trace if that was kept, else default.</summary>
    public ActivityTraceId KeptTraceId { get; private set; }

    /// <summary>How its redemption ended; null when it came to none.</summary>
    public RedemptionResult? Redemption { get; set; }

    /// <summary>Where its issuer says that the client is, by a token that was accepted; null where it does not say.</summary>
    public string? Country { get; set; }

    /// <summary>The hint of a place that counts for it, whoever it is of; null for none, and until its credentials were accepted.</summary>
    public string? Geohash { get; set; }

    /// <summary>True once its credentials were accepted: it is its connection's tunnel then.</summary>
    public bool IsPaid { get; set; }

    /// <summary>The certificate whose place it has taken; null for none.</summary>
    public PeerCertificate? Holder { get; set; }

    /// <summary>True once an answer was begun: then there is no other to give.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Tells a client that waits for it (<c>Expect: 100-continue</c>) that its credentials are taken and the destination is being dialled.</summary>
    public virtual ValueTask ContinueAsync() => ValueTask.CompletedTask;

    /// <summary>True where it is no tunnel that is asked for: an accepted request is served by <see cref="ServeAsync"/>.</summary>
    public virtual bool ServesItself => false;

    /// <summary>Serves it to its end, or to the refusal that it gives.</summary>
    /// <param name="answered">To be told the status of an answer that is none of the proxy's own, once it has begun.</param>
    public virtual Task<Refusal?> ServeAsync(Action<int> answered) => throw new NotSupportedException();

    /// <summary>Sends <see cref="AcceptedStatus"/> and turns what follows into a tunnel.</summary>
    public ValueTask<TunnelEnd> AcceptAsync(TunnelAnswer answer)
    {
        BeginAnswer(answer.Status, answer.Error);
        var sending = SendAcceptanceAsync(answer);
        Request = null;
        return sending;
    }

    /// <summary>Sends a refusal. On HTTP/1.1 the connection ends with it (RFC 9931, section 8).</summary>
    public ValueTask RejectAsync(TunnelAnswer answer)
    {
        BeginAnswer(answer.Status, answer.Error);
        return SendRefusalAsync(answer);
    }

    /// <summary>The client has left: nothing is sent.</summary>
    public void Abandon() => EndTrace(StatusCodes.Status499ClientClosedRequest, ProxyStatusError.None);

    /// <summary>It has been served to its end, whatever that was; called once, last.</summary>
    public virtual void Close()
    {
    }

    protected abstract ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer);

    protected abstract ValueTask SendRefusalAsync(TunnelAnswer answer);

    /// <summary>The Server-Timing field of the answer.</summary>
    protected KeyValuePair<string, string> ServerTimingField => new(ServerTiming.HeaderName, _serverTiming!);

    /// <summary>The answer is known: to be called before any of it is sent.</summary>
    protected void BeginAnswer(int status, ProxyStatusError error)
    {
        IsAnswered = true;
        _serverTiming = ServerTiming.Value(time, ReceivedAt, Trace);
        EndTrace(status, error);
    }

    private void EndTrace(int status, ProxyStatusError error)
    {
        if (Trace is not { } trace) return;
        // Not ours any more: an idle tunnel keeps no recorder.
        Trace = null;
        KeptTraceId = trace.Answer(status, error);
    }
}
