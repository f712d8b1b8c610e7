using System.Diagnostics;

namespace PrivacyProxy.Recording;

/// <summary>A trace that is kept, as it was when the request was answered.</summary>
internal sealed class KeptTrace
{
    public required ActivityTraceId TraceId { get; init; }

    /// <summary>The span of a trusted upstream hop, else default.</summary>
    public required ActivitySpanId ParentSpanId { get; init; }

    /// <summary>When the request had been read.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required KeptReason Reason { get; init; }

    /// <summary>Status, redemption and error, in the words of the metrics.</summary>
    public required string Result { get; init; }

    /// <summary>The token of Proxy-Status; null without an error.</summary>
    public required string? Error { get; init; }

    /// <summary>Parents before their children; the first is the request.</summary>
    public required IReadOnlyList<KeptSpan> Spans { get; init; }

    public TimeSpan Duration => Spans[0].Duration;

    /// <summary>The value of <c>kept.reason</c>.</summary>
    public static string Label(KeptReason reason) => reason switch
    {
        KeptReason.Error => "error",
        KeptReason.Slow => "slow",
        _ => "sampled",
    };
}
