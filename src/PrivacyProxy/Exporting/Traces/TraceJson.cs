using System.Text.Json.Nodes;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Exporting.Traces;

/// <summary>Kept traces for programs.</summary>
internal static class TraceJson
{
    public static string Table(IReadOnlyList<KeptTrace> traces) => new JsonArray([.. traces.Select(static trace => Head(trace))]).ToJsonString();

    public static string Trees(IReadOnlyList<KeptTrace> traces) => new JsonArray([.. traces.Select(Tree)]).ToJsonString();

    private static JsonObject Head(KeptTrace trace) => new()
    {
        ["traceId"] = trace.TraceId.ToString(),
        ["time"] = trace.StartedAt.UtcDateTime,
        ["kept"] = KeptTrace.Label(trace.Reason),
        ["ms"] = trace.Duration.TotalMilliseconds,
        ["result"] = trace.Result,
    };

    private static JsonObject Tree(KeptTrace trace)
    {
        var head = Head(trace);
        head["spans"] = new JsonArray([.. trace.Spans.Select(static span => Span(span))]);
        return head;
    }

    private static JsonObject Span(KeptSpan span) => new()
    {
        ["name"] = span.Name,
        ["parent"] = span.Parent < 0 ? null : span.Parent,
        ["startMs"] = span.Offset.TotalMilliseconds,
        ["ms"] = span.Duration.TotalMilliseconds,
        ["attributes"] = new JsonObject(span.Attributes.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value switch
        {
            bool flag => JsonValue.Create(flag),
            int number => JsonValue.Create(number),
            var text => (JsonNode?)text?.ToString(),
        }))),
    };
}
