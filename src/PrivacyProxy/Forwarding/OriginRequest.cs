using System.Diagnostics.CodeAnalysis;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Forwarding;

/// <summary>
/// What a connection to an origin is made for; goes with the request through the HTTP client, which dials on a flow of its own and may
/// be late with it. So the trace is lent, until the request is answered.
/// </summary>
internal sealed class OriginRequest(TunnelTarget target, string? geohash, string? country, RequestTrace? trace)
{
    public static readonly HttpRequestOptionsKey<OriginRequest> Key = new(nameof(OriginRequest));

    private readonly Lock _gate = new();
    private RequestTrace? _trace = trace;

    public TunnelTarget Target => target;

    public string? Geohash => geohash;

    public string? Country => country;

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

    /// <summary>From now on nobody takes the trace.</summary>
    public void Close()
    {
        lock (_gate) _trace = null;
    }
}
