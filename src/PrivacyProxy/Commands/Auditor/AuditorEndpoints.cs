using PrivacyProxy.Exporting;
using TransparencyLog.Notes;
using TransparencyLog.Witnesses;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>What an auditor answers: logs that ask for cosignatures, and everybody who asks what it has seen.</summary>
internal static class AuditorEndpoints
{
    public static void MapAuditor(this IEndpointRouteBuilder app, AuditorService auditor)
    {
        app.MapPost($"/{Cosigner.AddCheckpointPath}", (HttpContext context) => AddAsync(context, auditor));
        app.MapRead("/{hash}/checkpoint", (string hash) => auditor.FindByHash(hash)?.Cosigner.Cosigned is { } note
            ? Results.Text(note.ToString(), "text/plain; charset=utf-8")
            : Results.NotFound());
        app.MapRead("/findings", () => Results.Json(auditor.Findings.All, FindingJson.Default.IReadOnlyListFinding));
        app.MapRead("/healthz", static () => Results.Text("ok\n"));
    }

    /// <summary>C2SP tlog-witness, add-checkpoint.</summary>
    private static async Task AddAsync(HttpContext context, AuditorService auditor)
    {
        var answer = await AnswerAsync(context, auditor);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.MediaType;
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static async Task<WitnessAnswer> AnswerAsync(HttpContext context, AuditorService auditor)
    {
        var body = new byte[WitnessRequest.MaxSize + 1];
        var length = context.Request.ContentLength > WitnessRequest.MaxSize ? body.Length : await context.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (length > WitnessRequest.MaxSize) return WitnessAnswer.Of(StatusCodes.Status413PayloadTooLarge, "A request has at most 32 KiB.");
        if (WitnessRequest.Parse(body.AsSpan(0, length)) is not { } request || Checkpoint.Parse(request.Note.Text) is not { } checkpoint) return WitnessAnswer.Of(StatusCodes.Status400BadRequest, "This is not a checkpoint with its proof.");
        if (auditor.Find(checkpoint.Origin) is not { } issuer) return WitnessAnswer.Of(StatusCodes.Status404NotFound, "This log is not followed.");
        if (issuer.Cosigner.Log.Check(request.Note) is not { IsGood: true }) return WitnessAnswer.Of(StatusCodes.Status403Forbidden, "The log has not signed this.");
        return await issuer.Cosigner.AddAsync(request, context.RequestAborted);
    }
}
