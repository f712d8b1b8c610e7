using System.Diagnostics;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Recording;

/// <summary>Makes real activities of kept traces, after the fact, for whoever listens to <see cref="SourceName"/>.</summary>
internal sealed class TraceActivities : IDisposable
{
    public const string SourceName = ProxyMeter.Name;

    private readonly ActivitySource _source = new(SourceName);

    public void Publish(KeptTrace trace)
    {
        if (!_source.HasListeners()) return;
        // Kestrel's own activity takes its ids from what a client sent: it must be neither our parent nor our child.
        var ambient = Activity.Current;
        Activity.Current = null;
        try
        {
            var contexts = new ActivityContext[trace.Spans.Count];
            // Without a span id it gives the trace its id, and no parent.
            var parent = new ActivityContext(trace.TraceId, trace.ParentSpanId, ActivityTraceFlags.Recorded, isRemote: trace.ParentSpanId != default);
            for (var i = 0; i < contexts.Length; i++)
            {
                var span = trace.Spans[i];
                var context = Publish(trace, span, span.Parent < 0 ? parent : contexts[span.Parent]);
                if (context is null) return;
                contexts[i] = context.Value;
            }
        }
        finally
        {
            Activity.Current = ambient;
        }
    }

    public void Dispose() => _source.Dispose();

    /// <summary>Null when those who listen do not want it.</summary>
    private ActivityContext? Publish(KeptTrace trace, KeptSpan span, in ActivityContext parent)
    {
        var start = trace.StartedAt + span.Offset;
        using var activity = _source.StartActivity(Kind(span), parent, span.Attributes, links: null, start, span.Name);
        if (activity is null) return null;
        if (span.Parent < 0 && trace.Error is not null) activity.SetStatus(ActivityStatusCode.Error, trace.Error);
        activity.SetEndTime((start + span.Duration).UtcDateTime);
        return activity.Context;
    }

    private static ActivityKind Kind(KeptSpan span) => span.Name switch
    {
        "tunnel" => ActivityKind.Server,
        "dns.resolve" or "tcp.connect" or "store.node" => ActivityKind.Client,
        _ => ActivityKind.Internal,
    };
}
