using PrivacyPass.Issuance;
using TransparencyLog.Serving;
using TransparencyLog.Storage;

namespace PrivacyProxy.KeyLogs;

/// <summary>Serves a log below <c>/key-log/</c>.</summary>
internal static class KeyLogResponse
{
    /// <summary>What cannot change is kept by caches for good; a checkpoint for as long as a reader is in a hurry.</summary>
    private const string Lasting = "public, max-age=31536000, immutable";

    private const string Brief = "public, max-age=1";

    private static readonly PathString _root = IssuerDirectoryLog.Path;

    /// <summary>True when the request is for a log.</summary>
    public static bool IsFor(HttpRequest request) => request.Path.StartsWithSegments(_root, StringComparison.Ordinal);

    /// <summary>Answers with what the log has there: 200, 404, or 405 for other methods than GET and HEAD.</summary>
    public static Task SendAsync(HttpContext context, StoredLog log)
    {
        var response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        _ = context.Request.Path.StartsWithSegments(_root, StringComparison.Ordinal, out var rest);
        if (LogResource.Find(log, rest.Value!.TrimStart('/')) is not { } found)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        response.ContentType = found.MediaType;
        response.ContentLength = found.Body.Length;
        response.Headers.CacheControl = found.IsLasting ? Lasting : Brief;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.BodyWriter.WriteAsync(found.Body, context.RequestAborted).AsTask();
    }
}
