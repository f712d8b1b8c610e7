using System.Globalization;
using System.Net.Sockets;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Recording;

/// <summary>Makes the spans of a trace that is kept.</summary>
internal readonly struct KeptTraceBuilder
{
    private const int Root = 0;

    private readonly RequestTrace _trace;
    private readonly TimeProvider _time;
    private readonly long _now;
    private readonly List<KeptSpan> _spans = new(8);

    private KeptTraceBuilder(RequestTrace trace, TimeProvider time) => (_trace, _time, _now) = (trace, time, time.GetTimestamp());

    public static KeptTrace Build(RequestTrace trace, int status, ProxyStatusError error, TimeProvider time) =>
        new KeptTraceBuilder(trace, time).Build(status, error);

    private KeptTrace Build(int status, ProxyStatusError error)
    {
        var token = error == ProxyStatusError.None ? null : ProxyStatus.Token(error);
        var redemption = _trace.Redemption?.Label();
        _spans.Add(new KeptSpan("tunnel", -1, TimeSpan.Zero, _time.GetElapsedTime(_trace.StartedAt, _now), RootAttributes(status, redemption, token)));
        AddRedemption(redemption);
        Add(TracePhase.Resolve, "dns.resolve", Root, [new("cached", _trace.IsResolvedFromCache)]);
        Add(TracePhase.Connect, "tcp.connect", Root, [new("family", _trace.Family switch { AddressFamily.InterNetwork => "ipv4", AddressFamily.InterNetworkV6 => "ipv6", _ => "none" })]);
        return new KeptTrace
        {
            TraceId = _trace.TraceId,
            ParentSpanId = _trace.ParentSpanId,
            StartedAt = _time.GetUtcNow() - _time.GetElapsedTime(_trace.StartedAt),
            Reason = _trace.Reason,
            Result = string.Join(' ', new[] { status.ToString(CultureInfo.InvariantCulture), redemption, token }.OfType<string>()),
            Error = token,
            Spans = _spans,
        };
    }

    private List<KeyValuePair<string, object?>> RootAttributes(int status, string? redemption, string? error)
    {
        List<KeyValuePair<string, object?>> attributes =
        [
            new("protocol", _trace.Protocol.Label()),
            new("kind", _trace.Kind.Label()),
            new("http.status", status),
        ];
        if (redemption is not null) attributes.Add(new("redemption.result", redemption));
        if (error is not null) attributes.Add(new("proxy_status.error", error));
        attributes.Add(new("kept.reason", KeptTrace.Label(_trace.Reason)));
        if (_trace.Named is not { } request) return attributes;
        if (request.Peer is { } peer) attributes.Add(new("client.address", peer.ToString()));
        if (request.Request?.Target is { } target) attributes.AddRange([new("server.address", target.Host), new("server.port", target.Port)]);
        return attributes;
    }

    private void AddRedemption(string? result)
    {
        var redeem = _spans.Count;
        if (!Add(TracePhase.Redeem, "redeem", Root, [new("redemption.result", result ?? "unknown")])) return;
        AddCheck(TracePhase.LookUp, "double_spend.lookup", redeem, _trace.LookUp);
        Add(TracePhase.Verify, "token.verify", redeem, [new("token.type", (int)_trace.TokenType)]);
        AddCheck(TracePhase.Spend, "double_spend.spend", redeem, _trace.Spend);
    }

    private void AddCheck(TracePhase phase, string name, int redeem, SpendOutcome? outcome)
    {
        var check = _spans.Count;
        if (!Add(phase, name, redeem, [new("store", _trace.Store), new("outcome", outcome.Label())])) return;
        foreach (var ask in _trace.Nodes)
        {
            if (ask.Spends != (phase == TracePhase.Spend)) continue;
            var hasReply = ask.TryRead(out var reply, out var answeredAt);
            Add("store.node", check, ask.AskedAt, hasReply ? answeredAt : _now, [new("store.node", ask.Node), new("store.reply", hasReply ? reply : "pending")]);
        }
    }

    private bool Add(TracePhase phase, string name, int parent, KeyValuePair<string, object?>[] attributes)
    {
        var times = _trace.Times(phase);
        if (times.HasBegun) Add(name, parent, times.Start, times.HasEnded ? times.End : _now, attributes);
        return times.HasBegun;
    }

    private void Add(string name, int parent, long start, long end, KeyValuePair<string, object?>[] attributes) =>
        _spans.Add(new KeptSpan(name, parent, _time.GetElapsedTime(_trace.StartedAt, start), _time.GetElapsedTime(start, end), attributes));
}
