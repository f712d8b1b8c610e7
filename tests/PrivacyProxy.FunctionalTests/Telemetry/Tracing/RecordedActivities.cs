using System.Collections.Concurrent;
using System.Diagnostics;
using PrivacyProxy.Recording;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>Listens to every activity of a source, as an exporter does.</summary>
internal sealed class RecordedActivities : IDisposable
{
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly ActivityListener _listener;

    /// <param name="source">The name of the source listened to.</param>
    public RecordedActivities(string source = TraceActivities.SourceName)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate.Name == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyCollection<Activity> All => _stopped;

    /// <summary>Those of one trace: proxies of other tests have a source of the same name.</summary>
    public IReadOnlyList<Activity> Of(KeptTrace trace) => [.. _stopped.Where(activity => activity.TraceId == trace.TraceId)];

    public void Dispose() => _listener.Dispose();
}
