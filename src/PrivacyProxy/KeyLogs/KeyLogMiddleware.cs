namespace PrivacyProxy.KeyLogs;

/// <summary>Serves the log of this proxy at <c>/key-log/</c>, to everybody: it holds what issuers show to everybody.</summary>
internal sealed class KeyLogMiddleware(RequestDelegate next, SeenDirectories directories)
{
    public Task InvokeAsync(HttpContext context) =>
        KeyLogResponse.IsFor(context.Request) && directories.Log is { } log ? KeyLogResponse.SendAsync(context, log.Log) : next(context);
}
