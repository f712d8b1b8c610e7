using System.Diagnostics.CodeAnalysis;
using PrivacyProxy.Listeners;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Forwarding;

/// <summary>
/// What a connection to an origin is made for; goes with the request through the HTTP client, which dials on a flow of its own and may
/// be late with it. So the trace is lent, until the request is answered.
/// </summary>
internal sealed class OriginRequest(TunnelTarget target, string? geohash, string? country, RequestTrace? trace, IInterimAnswers? interim)
{
    public static readonly HttpRequestOptionsKey<OriginRequest> Key = new(nameof(OriginRequest));

    // Connections are pooled: only the flow of the request tells which one a connection is written and read for.
    private static readonly AsyncLocal<OriginRequest?> _current = new();

    private readonly Lock _gate = new();
    private RequestTrace? _trace = trace;
    private volatile bool _isAnswered;

    /// <summary>The request of this flow; null where there is none.</summary>
    public static OriginRequest? Current => _current.Value;

    public TunnelTarget Target => target;

    public string? Geohash => geohash;

    public string? Country => country;

    /// <summary>Gives the lines of trailers, once all content was read; null where there can be none.</summary>
    public Func<byte[]>? Trailers { get; set; }

    /// <summary>Whether somebody wants to know of interim answers.</summary>
    public bool HearsInterims => interim is not null;

    /// <summary>From here on this flow is of this request.</summary>
    public void BeginFlow() => _current.Value = this;

    /// <summary>The origin has something to say before it answers.</summary>
    public ValueTask HearAsync(InterimAnswer answer, CancellationToken cancellationToken) =>
        _isAnswered ? ValueTask.CompletedTask : interim!.SendAsync(answer.Status, answer.Fields, cancellationToken);

    /// <summary>The trace, held: to be released.</summary>
    public bool TryHoldTrace([NotNullWhen(true)] out RequestTrace? held)
    {
        lock (_gate)
        {
            held = _trace;
            held?.Hold();
            return held is not null;
        }
    }

    /// <summary>It is answered: from now on nobody takes the trace, and nothing is said before the answer.</summary>
    public void Close()
    {
        _isAnswered = true;
        lock (_gate) _trace = null;
    }
}
