using System.Diagnostics;
using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Recording;

/// <summary>Gives each tunnel request its recorder, decides which are kept, and hands those on: to the recent ones, and as activities.</summary>
internal sealed partial class TunnelTraces : IDisposable
{
    /// <summary>Kept in a second for being an error, and as many for being slow; beyond that only the dice keep.</summary>
    public const int TailPerSecond = 10;

    /// <summary>More idle recorders than this are left to the garbage collector.</summary>
    private const int MostIdle = 4096;

    private readonly TimeProvider _time;
    private readonly ILogger<TunnelTraces> _logger;
    private readonly ObjectPool<RequestTrace> _idle;
    private readonly TraceBudget _errors;
    private readonly TraceBudget _slow;
    private readonly TraceActivities _activities = new();
    private readonly IDisposable? _subscription;
    private volatile TracePolicy _policy;
    private bool _toldOfFailure;

    public TunnelTraces(IOptionsMonitor<RecordingOptions> options, TimeProvider time, ILogger<TunnelTraces> logger)
    {
        (_time, _logger) = (time, logger);
        _idle = new DefaultObjectPool<RequestTrace>(new Idle(this), MostIdle);
        (_errors, _slow) = (new TraceBudget(TailPerSecond, time), new TraceBudget(TailPerSecond, time));
        _policy = new TracePolicy(options.CurrentValue);
        _subscription = options.OnChange(changed => _policy = new TracePolicy(changed));
    }

    public RecentTraces Recent { get; } = new();

    internal TimeProvider Time => _time;

    internal long Now => _time.GetTimestamp();

    /// <summary>The recorder of a request that has been read; null when nothing wants one.</summary>
    public RequestTrace? Start(IRecordedRequest request)
    {
        var policy = _policy;
        if (!policy.Records) return null;
        var trace = _idle.Get();
        // Of all others it is ignored: nobody may choose to be sampled, or be recognized by an id.
        var hasParent = TraceParent.TryParse(policy.Trusts(request.Peer) ? request.TraceParent : default, out var parent);
        var isSampled = policy.Keeps && (hasParent ? parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) : Random.Shared.NextDouble() < policy.Ratio);
        trace.Start(request, policy, parent, isSampled);
        return trace;
    }

    public void Dispose()
    {
        _subscription?.Dispose();
        _activities.Dispose();
    }

    /// <summary>Whether a trace may be kept at its tail; one that is kept anyway costs nothing more.</summary>
    internal bool MayKeep(KeptReason reason, KeptReason current, TracePolicy policy) =>
        policy.Keeps && (current != KeptReason.None || (reason == KeptReason.Error ? _errors : _slow).TryTake());

    internal void Keep(RequestTrace trace, int status, ProxyStatusError error)
    {
        try
        {
            var kept = KeptTraceBuilder.Build(trace, status, error, _time);
            Recent.Add(kept);
            _activities.Publish(kept);
        }
        catch (Exception e)
        {
            // Whoever listens to activities may throw; the request is answered all the same.
            if (!Interlocked.Exchange(ref _toldOfFailure, true)) LogFailure(e.GetType().Name);
        }
    }

    internal void Return(RequestTrace trace) => _idle.Return(trace);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "A trace could not be handed to those who listen: {ExceptionType}. Said once.")]
    private partial void LogFailure(string exceptionType);

    private sealed class Idle(TunnelTraces traces) : PooledObjectPolicy<RequestTrace>
    {
        public override RequestTrace Create() => new(traces);

        public override bool Return(RequestTrace obj) => true;
    }
}
