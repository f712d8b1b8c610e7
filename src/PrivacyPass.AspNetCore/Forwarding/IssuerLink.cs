using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Issuance.Protocols;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Forwarding;

/// <summary>
/// The way from an attester to its issuer. What goes there is the request for tokens, its media types and the attester's certificate:
/// nothing of the client, its address, its credentials or its other fields (RFC 9576, section 4).
/// </summary>
internal sealed partial class IssuerLink : IServedDirectory, IDisposable
{
    private const int LargestReason = 1024;

    // An answer is as long as its request, but for a proof and the places of a batch.
    private const int LargestExcess = 4096;

    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromHours(1);
    private static readonly TimeSpan _defaultAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _longestAge = TimeSpan.FromDays(1);

    private readonly PrivacyPassAttesterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<IssuerLink> _logger;
    private readonly IIssuerLinkMetrics? _metrics;
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly Uri _directoryUrl;
    private CountedHttpClient _http;
    private volatile Known? _known;
    private volatile string? _problem;
    private bool _isDisposed;

    public IssuerLink(IOptions<PrivacyPassAttesterOptions> options, TimeProvider time, ILogger<IssuerLink> logger, IIssuerLinkMetrics? metrics = null)
    {
        (_options, _time, _logger, _metrics) = (options.Value, time, logger, metrics);
        _directoryUrl = IssuerDirectory.UrlOf(_options.Issuer!);
        _http = CreateClient(_options.ClientCertificate);
    }

    /// <summary>A sentence that says why the issuer gives nothing, since the last time it did; null when it does.</summary>
    public string? Problem => _problem;

    /// <summary>Shows the issuer another certificate, on connections from now on. Those that are open end with their last request.</summary>
    public void Use(X509Certificate2? certificate) => Interlocked.Exchange(ref _http, CreateClient(certificate)).Release();

    /// <summary>The issuer's directory byte for byte, kept as long as the issuer allows, and longer while it does not answer.</summary>
    /// <exception cref="IOException">It was never had.</exception>
    public async ValueTask<ServedDirectory> GetAsync(CancellationToken cancellationToken) => (await KnownAsync(cancellationToken)).Served;

    /// <summary>Passes a request on, and answers as the issuer does.</summary>
    /// <param name="requestType">The media type of the request.</param>
    /// <param name="responseType">That of an answer with tokens.</param>
    /// <param name="body">The request; must not change.</param>
    /// <param name="largest">Of the request, in bytes; the answer is not much longer.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async ValueTask<IssuanceAnswer> RequestAsync(string requestType, string responseType, byte[] body, int largest, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        var answer = await AskAsync(requestType, responseType, body, largest, cancellationToken);
        _metrics?.Answered(_time.GetElapsedTime(began), answer.Status);
        return answer;
    }

    public void Dispose()
    {
        // The container has it under two names, and disposes it for both.
        if (Interlocked.Exchange(ref _isDisposed, true)) return;
        _http.Release();
        _fetching.Dispose();
    }

    private async ValueTask<IssuanceAnswer> AskAsync(string requestType, string responseType, byte[] body, int largest, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.Timeout);
        CountedHttpClient? http = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _options.IssuerRequestUri ?? (await KnownAsync(timeout.Token)).RequestUri) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(requestType);
            request.Headers.Accept.ParseAdd(responseType);
            http = Take();
            using var response = await SendAsync(http, request, timeout.Token);
            return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent
                ? await TokensAsync(response, responseType, largest, timeout.Token)
                : await RefusalAsync(response, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Tell($"it did not answer within {_options.Timeout.TotalSeconds} s.");
            return IssuanceAnswer.Refused(StatusCodes.Status504GatewayTimeout, "The issuer does not answer.", _retry);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Tell($"it cannot be reached: {e.GetBaseException().Message}");
            return IssuanceAnswer.Refused(StatusCodes.Status502BadGateway, "The issuer cannot be reached.", _retry);
        }
        finally
        {
            http?.Release();
        }
    }

    /// <summary>The client in force, to be released.</summary>
    private CountedHttpClient Take()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var http = Volatile.Read(ref _http);
            if (http.TryUse()) return http;
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(CountedHttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Requests of all clients on few connections, where it speaks HTTP/2.
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        return await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private async ValueTask<IssuanceAnswer> TokensAsync(HttpResponseMessage response, string responseType, int largest, CancellationToken cancellationToken)
    {
        var tokens = await ReadAsync(response.Content, largest + LargestExcess, cancellationToken);
        if (tokens is null || !string.Equals(response.Content.Headers.ContentType?.MediaType, responseType, StringComparison.OrdinalIgnoreCase))
        {
            Tell("it answered with something else than tokens.");
            return IssuanceAnswer.Refused(StatusCodes.Status502BadGateway, "The issuer's answer cannot be used.");
        }

        Tell(null);
        return new IssuanceAnswer((int)response.StatusCode, tokens);
    }

    private async ValueTask<IssuanceAnswer> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity:
                Tell(null);
                return IssuanceAnswer.Refused((int)response.StatusCode, await ReasonAsync(response.Content, cancellationToken));
            case HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable:
                return IssuanceAnswer.Refused(StatusCodes.Status503ServiceUnavailable, "The issuer has too much to do.", RetryAfter(response));
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                Tell($"it takes no requests of this attester (status {(int)response.StatusCode}): its certificate is not one that the issuer knows.");
                return IssuanceAnswer.Refused(StatusCodes.Status502BadGateway, "The issuer does not take requests from here.");
            default:
                Tell($"it answered with status {(int)response.StatusCode}.");
                return IssuanceAnswer.Refused(StatusCodes.Status502BadGateway, "The issuer's answer cannot be used.");
        }
    }

    private TimeSpan RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - _time.GetUtcNow()) : null;
        return asked is { Ticks: > 0 } wait ? wait < _longestRetry ? wait : _longestRetry : _retry;
    }

    private async ValueTask<Known> KnownAsync(CancellationToken cancellationToken)
    {
        if (_known is { } fresh && IsFresh(fresh)) return fresh;
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_known is { } known && IsFresh(known)) return known;
            return _known = await FetchAsync(cancellationToken);
        }
        catch (Exception e) when (_known is not null && e is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Tell($"its directory cannot be had: {e.GetBaseException().Message}");
            return _known = _known! with { FetchedAt = _time.GetTimestamp(), Age = _retry };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Tell($"its directory cannot be had: {e.GetBaseException().Message}");
            throw new IOException(e.Message, e);
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<Known> FetchAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.Timeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, _directoryUrl);
        request.Headers.Accept.ParseAdd(PrivateTokenMediaTypes.IssuerDirectory);
        var http = Take();
        try
        {
            using var response = await SendAsync(http, request, timeout.Token);
            return await KnownAsync(response, timeout.Token);
        }
        finally
        {
            http.Release();
        }
    }

    private async Task<Known> KnownAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK) throw new HttpRequestException($"status {(int)response.StatusCode}");
        var body = await ReadAsync(response.Content, IssuerDirectory.MaxSize, cancellationToken) ?? throw new HttpRequestException("it is too large");
        var error = IssuerDirectory.TryParse(body, out var directory);
        if (directory?.IssuerRequestUri is null) throw new HttpRequestException(directory is null ? $"it is none: {error}" : "it says nowhere to ask");
        var age = response.Headers.CacheControl is { } control ? control.NoStore || control.NoCache ? TimeSpan.FromSeconds(1) : control.MaxAge ?? _defaultAge : _defaultAge;
        if (age > _longestAge) age = _longestAge;
        return new Known(new ServedDirectory(body, age), directory.ResolveRequestUri(_directoryUrl), _time.GetTimestamp(), age);
    }

    private bool IsFresh(Known known) => _time.GetElapsedTime(known.FetchedAt) < known.Age;

    private CountedHttpClient CreateClient(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            // Ids of a trace would tell the issuer which requests are one client's.
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            EnableMultipleHttp2Connections = true,
        };
        if (certificate is not null) handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        if (_options.IssuerAuthorities.Count > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(_options.IssuerAuthorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        // The link has a deadline of its own for each request.
        return new CountedHttpClient(new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan });
    }

    /// <summary>Null when there is more.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContent content, int largest, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > largest) return null;
        var buffer = new byte[largest + 1];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > largest ? null : buffer[..length];
    }

    /// <summary>The issuer's own sentence, where it is one.</summary>
    private static async Task<string> ReasonAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentType?.MediaType != "text/plain" || await ReadAsync(content, LargestReason, cancellationToken) is not { Length: > 0 } bytes) return "The issuer refuses the request.";
        return string.Concat(System.Text.Encoding.UTF8.GetString(bytes).Select(static c => char.IsControl(c) ? ' ' : c)).Trim();
    }

    private void Tell(string? problem)
    {
        if (_problem == problem) return;
        _problem = problem;
        if (problem is null) LogAnswers();
        else LogProblem(problem);
    }

    [LoggerMessage(EventId = 1171, Level = LogLevel.Error, Message = "The issuer gives no tokens: {Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(EventId = 1172, Level = LogLevel.Information, Message = "The issuer answers again.")]
    private partial void LogAnswers();

    private sealed record Known(ServedDirectory Served, Uri RequestUri, long FetchedAt, TimeSpan Age);
}

/// <summary>Told of what the issuer answers; whoever hosts the attester may register one.</summary>
internal interface IIssuerLinkMetrics
{
    void Answered(TimeSpan elapsed, int status);
}
