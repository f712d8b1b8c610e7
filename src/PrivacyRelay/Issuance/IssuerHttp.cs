using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Issuance;

/// <summary>Bounded HTTP exchanges with issuers.</summary>
internal static class IssuerHttp
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    /// <summary>A client for issuers; the caller disposes it.</summary>
    /// <param name="trust">Whom to trust.</param>
    /// <param name="certificate">Shown to an issuer, or attester, that asks for one; null for none.</param>
    public static HttpClient CreateClient(TrustPolicy trust, SslStreamCertificateContext? certificate = null)
    {
        var handler = new SocketsHttpHandler
        {
            // The environment's proxy may be this very relay.
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = trust.Accepts;
        handler.SslOptions.ClientCertificateContext = certificate;
        return new HttpClient(handler);
    }

    /// <summary>Sends a request and reads a body of at most the given size.</summary>
    /// <exception cref="IssuerException">No answer in time, a status other than 200 (or 206, where that may be), or a larger body.</exception>
    public static async Task<IssuerAnswer> SendAsync(HttpClient http, HttpRequestMessage request, int largestBody, CancellationToken cancellationToken, bool mayBePartial = false)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_timeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            if (response.StatusCode != HttpStatusCode.OK && !(mayBePartial && response.StatusCode == HttpStatusCode.PartialContent)) throw Refused(request, response);
            var body = await ReadAsync(response.Content, largestBody, timeout.Token)
                ?? throw new IssuerException($"{request.RequestUri} answered with more than {largestBody} bytes.");
            return new IssuerAnswer(body, response.Headers.CacheControl);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IssuerException($"{request.RequestUri} did not answer within {_timeout.TotalSeconds} seconds.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new IssuerException($"{request.RequestUri} cannot be reached: {e.Message}", e);
        }
    }

    private static IssuerException Refused(HttpRequestMessage request, HttpResponseMessage response) =>
        new($"{request.RequestUri} answered {(int)response.StatusCode} {response.ReasonPhrase}.")
        {
            StatusCode = response.StatusCode,
            RetryAfter = Wait(response.Headers.RetryAfter),
            DirectoryMayBeStale = response.StatusCode
                is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.UnprocessableEntity,
        };

    private static TimeSpan? Wait(RetryConditionHeaderValue? header) => header?.Delta ?? (header?.Date - DateTimeOffset.UtcNow);

    /// <summary>Null when there is more than the largest body.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContent content, int largestBody, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > largestBody) return null;
        var buffer = new byte[largestBody + 1];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > largestBody ? null : buffer[..length];
    }
}

/// <summary>The body of a 200, and how long it may be kept.</summary>
internal sealed record IssuerAnswer(byte[] Body, CacheControlHeaderValue? CacheControl);
