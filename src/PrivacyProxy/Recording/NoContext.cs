using System.Diagnostics;

namespace PrivacyProxy.Recording;

/// <summary>
/// Keeps Kestrel's own activities from taking ids, flags and baggage out of what clients send, and from sending any on:
/// whose context counts is decided by <see cref="TunnelTraces"/>.
/// </summary>
internal sealed class NoContext : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => [];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        (traceId, traceState) = (null, null);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
