using System.Globalization;
using System.Text;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Exporting.Traces;

/// <summary>Kept traces for people at a terminal.</summary>
internal static class TraceText
{
    private const int NameWidth = 28;

    public static string Table(IReadOnlyList<KeptTrace> traces)
    {
        var text = new StringBuilder("TIME                         TRACE                             KEPT            MS  RESULT\n");
        foreach (var trace in traces)
            text.Append(CultureInfo.InvariantCulture, $"{Time(trace)}  {trace.TraceId}  {KeptTrace.Label(trace.Reason),-7}  {trace.Duration.TotalMilliseconds,9:0.000}  {trace.Result}\n");
        return text.ToString();
    }

    public static string Trees(IReadOnlyList<KeptTrace> traces) => string.Join('\n', traces.Select(Tree));

    private static string Tree(KeptTrace trace)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"trace {trace.TraceId}  {Time(trace)}  kept: {KeptTrace.Label(trace.Reason)}\n");
        text.Append(CultureInfo.InvariantCulture, $"{"SPAN",-NameWidth}  {"START",9}  {"MS",9}\n");
        foreach (var span in trace.Spans)
        {
            var name = new string(' ', 2 * Depth(trace, span)) + span.Name;
            text.Append(CultureInfo.InvariantCulture, $"{name,-NameWidth}  {span.Offset.TotalMilliseconds,9:0.000}  {span.Duration.TotalMilliseconds,9:0.000} ");
            foreach (var (key, value) in span.Attributes) text.Append(CultureInfo.InvariantCulture, $" {key}={Word(value)}");
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Time(KeptTrace trace) => trace.StartedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private static object? Word(object? value) => value is bool flag ? (flag ? "true" : "false") : value;

    private static int Depth(KeptTrace trace, KeptSpan span)
    {
        var depth = 0;
        for (var parent = span.Parent; parent >= 0; parent = trace.Spans[parent].Parent) depth++;
        return depth;
    }
}
