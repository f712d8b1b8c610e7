using System.Net;
using PrivacyPass.Issuance;
using PrivacyProxy.KeyLogs;
using TransparencyLog.Reading;

namespace PrivacyProxy.Commands.Attester;

/// <summary>Passes the issuer's key log on to clients that check it, so that reading it does not show them to the issuer.</summary>
internal sealed class KeyLogPassage(AttesterSettings settings) : IDisposable
{
    // A bundle of 256 directories of 8 KB. Strangers read here: what is larger is for who reads the issuer's log itself.
    private const int Largest = 2 * 1024 * 1024;
    private const int LongestPath = 256;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = LogHttp.CreateClient(settings.Issuer.CaFile);
    private readonly Uri _log = IssuerDirectoryLog.UrlOf(IssuerDirectory.UrlOf(new Uri(settings.Issuer.Url)));

    public async Task SendAsync(HttpContext context, string path)
    {
        if (path.Length is 0 or > LongestPath || !path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.') || path.Contains("..", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(_timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_log, path));
            var (status, body) = await LogReader.SendAsync(_http, request, Largest, timeout.Token);
            context.Response.StatusCode = status is HttpStatusCode.OK or HttpStatusCode.NotFound ? (int)status : StatusCodes.Status502BadGateway;
            if (status != HttpStatusCode.OK) return;
            context.Response.ContentType = "application/octet-stream";
            context.Response.ContentLength = body.Length;
            if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        }
        catch (LogUnreachableException)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
        }
    }

    public void Dispose() => _http.Dispose();
}
