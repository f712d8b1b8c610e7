using System.Diagnostics;
using System.Net.Mime;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Exporting.Traces;

/// <summary>/traces and /traces/{id}: the kept traces, as text, or as JSON for those who prefer it.</summary>
internal static class TracesEndpoint
{
    public const string Path = "/traces";

    /// <summary>Lines in the list.</summary>
    private const int MostListed = 200;

    public static void MapTraces(this IEndpointRouteBuilder app, RecentTraces recent)
    {
        app.MapRead(Path, (HttpContext context) => Answer(context, recent.Newest(MostListed), TraceText.Table, TraceJson.Table));
        app.MapRead(Path + "/{id}", (HttpContext context, string id) => Find(recent, id) is { Count: > 0 } found
            ? Answer(context, found, TraceText.Trees, TraceJson.Trees)
            : Results.Text("No such trace is held. It was not kept, or newer ones took its place.\n", statusCode: StatusCodes.Status404NotFound));
    }

    private static IReadOnlyList<KeptTrace> Find(RecentTraces recent, string id) =>
        id.Length == 32 && id.All(char.IsAsciiHexDigit) && id.AsSpan().ContainsAnyExcept('0') ? recent.Find(ActivityTraceId.CreateFromString(id.ToLowerInvariant())) : [];

    private static IResult Answer(
        HttpContext context, IReadOnlyList<KeptTrace> traces, Func<IReadOnlyList<KeptTrace>, string> text, Func<IReadOnlyList<KeptTrace>, string> json) =>
        AcceptHeader.Prefers(context.Request.Headers.Accept, MediaTypeNames.Application.Json)
            ? Results.Text(json(traces) + "\n", MediaTypeNames.Application.Json)
            : Results.Text(text(traces));
}
