using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Tunnels;

/// <summary>One tunnel request and the ways to answer it; each HTTP version has its own.</summary>
internal abstract class TunnelExchange(TimeProvider time)
{
    /// <summary>When the request had been read, from <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long ReceivedAt { get; } = time.GetTimestamp();

    /// <summary>The request; null if <see cref="Invalid"/> says what is wrong with it.</summary>
    public TunnelRequest? Request { get; protected init; }

    /// <summary>What is wrong with a request that is refused unread, else null.</summary>
    public InvalidRequest? Invalid { get; protected init; }

    /// <summary>Fires when the client has given up before the answer.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>True once an answer was begun: then there is no other to give.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Sends 200 and turns what follows into a tunnel.</summary>
    public ValueTask<TunnelClient> AcceptAsync(TunnelAnswer answer)
    {
        IsAnswered = true;
        return SendAcceptanceAsync(answer);
    }

    /// <summary>Sends a refusal. On HTTP/1.1 the connection ends with it (RFC 9931, section 8).</summary>
    public ValueTask RejectAsync(TunnelAnswer answer)
    {
        IsAnswered = true;
        return SendRefusalAsync(answer);
    }

    protected abstract ValueTask<TunnelClient> SendAcceptanceAsync(TunnelAnswer answer);

    protected abstract ValueTask SendRefusalAsync(TunnelAnswer answer);

    /// <summary>The Server-Timing field of an answer sent now.</summary>
    protected KeyValuePair<string, string> ServerTimingNow() => new(ServerTiming.HeaderName, ServerTiming.Value(time, ReceivedAt));
}
