using System.Diagnostics;
using System.Net.Sockets;
using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Recording;

/// <summary>
/// What one tunnel request did, and when: plain fields of a pooled object, so that recording allocates nothing; only a kept trace
/// becomes spans. The request's own flow writes it, one step after the other. Replies of store servers may come later, so whoever
/// waits for them holds the trace: it goes back to its pool when the last holder has released it.
/// </summary>
internal sealed class RequestTrace(TunnelTraces owner) : CheckTrace(owner.Time)
{
    private readonly PhaseTimes[] _phases = new PhaseTimes[Enum.GetValues<TracePhase>().Length];
    private TracePolicy _policy = null!;
    private ActivityContext _parent;
    private ActivityTraceId _id;

    /// <summary>When the request had been read.</summary>
    public long StartedAt { get; private set; }

    public TunnelProtocol Protocol { get; private set; }

    public TunnelKind Kind { get; private set; }

    public KeptReason Reason { get; private set; }

    public RedemptionResult? Redemption { get; private set; }

    /// <summary>Null while the store has not answered the look-up.</summary>
    public SpendOutcome? LookUp { get; private set; }

    /// <summary>Null while the store has not answered the spend.</summary>
    public SpendOutcome? Spend { get; private set; }

    /// <summary>The store asked; null when none was.</summary>
    public string? Store { get; private set; }

    public TokenType TokenType { get; private set; }

    /// <summary>Whether the name was resolved without asking anyone.</summary>
    public bool IsResolvedFromCache { get; private set; }

    /// <summary>Of the connection; unknown when there is none.</summary>
    public AddressFamily Family { get; private set; }

    /// <summary>Set only where destinations may be named.</summary>
    public IRecordedRequest? Named { get; private set; }

    public bool TimesParts => _policy.TimesParts;

    /// <summary>The span of a trusted upstream hop; default where this request is the root.</summary>
    public ActivitySpanId ParentSpanId => _parent.SpanId;

    /// <summary>The id of this request, random unless a trusted upstream hop gave it. Made when first asked for: most traces are never named.</summary>
    public ActivityTraceId TraceId => _id == default ? _id = ActivityTraceId.CreateRandom() : _id;

    /// <summary>For exemplars: the id if the trace is kept as far as is known now, otherwise default.</summary>
    public ActivityTraceId KeptId => Reason == KeptReason.None ? default : TraceId;

    /// <summary>Makes it the trace of a request, held by its exchange.</summary>
    public void Start(IRecordedRequest request, TracePolicy policy, in ActivityContext parent, bool isSampled)
    {
        (_policy, _parent, _id) = (policy, parent, parent.TraceId);
        (StartedAt, Protocol, Kind) = (request.ReceivedAt, request.Protocol, request.Request?.Kind ?? TunnelKind.Connect);
        Reason = isSampled ? KeptReason.Sampled : KeptReason.None;
        Named = policy.NamesDestinations ? request : null;
        (Redemption, LookUp, Spend, Store) = (null, null, null, null);
        (TokenType, IsResolvedFromCache, Family) = (default, false, AddressFamily.Unspecified);
        Array.Clear(_phases);
        Begin();
    }

    public PhaseTimes Times(TracePhase phase) => _phases[(int)phase];

    public void Begin(TracePhase phase)
    {
        ref var times = ref _phases[(int)phase];
        (times.HasBegun, times.HasEnded, times.Start) = (true, false, owner.Now);
    }

    public void End(TracePhase phase)
    {
        ref var times = ref _phases[(int)phase];
        (times.HasEnded, times.End) = (true, owner.Now);
    }

    /// <summary>Begins a look-up or spend.</summary>
    public void BeginCheck(TracePhase phase, string store)
    {
        Begin(phase);
        Store = store;
    }

    /// <summary>Ends a look-up or spend; a slow one has the trace kept.</summary>
    public void EndCheck(TracePhase phase, SpendOutcome outcome, TimeSpan elapsed)
    {
        End(phase);
        if (phase == TracePhase.LookUp) LookUp = outcome;
        else Spend = outcome;
        if (elapsed > _policy.SlowCheck && Reason < KeptReason.Slow && owner.MayKeep(KeptReason.Slow, Reason, _policy)) Reason = KeptReason.Slow;
    }

    public void EndVerify(TokenType type)
    {
        End(TracePhase.Verify);
        TokenType = type;
    }

    public void EndRedeem(RedemptionResult result)
    {
        End(TracePhase.Redeem);
        Redemption = result;
    }

    public void EndResolve(bool isCached)
    {
        End(TracePhase.Resolve);
        IsResolvedFromCache = isCached;
    }

    public void EndConnect(AddressFamily family)
    {
        End(TracePhase.Connect);
        Family = family;
    }

    /// <summary>The request is answered: decides whether the trace is kept, and releases it. Returns its id if it is kept.</summary>
    public ActivityTraceId Answer(int status, ProxyStatusError error)
    {
        if (_policy.KeepsErrors && IsFault(status, error) && owner.MayKeep(KeptReason.Error, Reason, _policy)) Reason = KeptReason.Error;
        var id = KeptId;
        if (Reason != KeptReason.None) owner.Keep(this, status, error);
        Release();
        return id;
    }

    protected override void Released()
    {
        Named = null;
        owner.Return(this);
    }

    /// <summary>The proxy's, its store's or the destination's; not what a client did, or asked for and may not have.</summary>
    private static bool IsFault(int status, ProxyStatusError error) =>
        status >= 500 && error is not (ProxyStatusError.HttpRequestError or ProxyStatusError.HttpRequestDenied or ProxyStatusError.DestinationIpProhibited);
}
