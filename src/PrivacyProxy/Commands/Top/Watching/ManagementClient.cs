using System.Net;
using System.Net.Http.Headers;
using System.Text;
using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Watching;

/// <summary>Asks a proxy's management endpoint; every answer is bounded in time and size.</summary>
internal sealed class ManagementClient : IDisposable
{
    private const string OurPrefix = "privacy_proxy_";
    private const int MaxMetricsSize = 16 * 1024 * 1024;
    private const int MaxReadinessLines = 20;

    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(3);

    // Looked at most when the machine is busiest, so not too short.
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private readonly Uri _metrics;
    private readonly Uri _readiness;
    private readonly TimeProvider _time;
    private readonly long _startedAt;

    // Asked directly: the proxy of the environment is for the Internet, not for a management network.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = _connectTimeout })
    {
        Timeout = _timeout,
        MaxResponseContentBufferSize = MaxMetricsSize,
    };

    public ManagementClient(Uri url, TimeProvider time)
    {
        // Neither user nor query: what is shown holds no secret.
        Address = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
        _metrics = new Uri(Address + "/metrics");
        _readiness = new Uri(Address + "/readyz");
        _time = time;
        _startedAt = time.GetTimestamp();
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
    }

    /// <summary>The URL of the endpoint, for people.</summary>
    public string Address { get; }

    /// <summary>The time since this began to watch.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <exception cref="ManagementException">There is no answer, or none of a proxy.</exception>
    public async Task<Scrape> ScrapeAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(_metrics, cancellationToken);
            if (!answer.IsSuccessStatusCode) throw new ManagementException($"{_metrics} answers {(int)answer.StatusCode}: not a proxy's management URL, or its metrics are off");
            var snapshot = new MetricsSnapshot(PrometheusTextReader.Read(Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken)), OurPrefix, SnapshotChange.StartTime));
            if (!snapshot.Names.Any(static name => name.StartsWith(OurPrefix, StringComparison.Ordinal))) throw new ManagementException($"{_metrics} is not a PrivacyProxy's: it has no {OurPrefix} metrics");
            var at = Now;
            return new Scrape(snapshot, await ReadinessAsync(cancellationToken), at, _time.GetUtcNow());
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new ManagementException($"{_metrics} answers with more than {MaxMetricsSize / 1024 / 1024} MiB", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new ManagementException($"{Address} cannot be reached: {exception.GetBaseException().Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ManagementException($"{Address} does not answer within {_timeout.TotalSeconds:0} s", exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<Readiness> ReadinessAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(_readiness, cancellationToken);
            if (answer.IsSuccessStatusCode) return new Readiness(true, []);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable) return new Readiness(null, [$"/readyz answers {(int)answer.StatusCode}"]);
            var lines = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new Readiness(false, [.. lines.Where(static line => line != "not ready").Take(MaxReadinessLines)]);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Readiness(null, ["/readyz does not answer"]);
        }
    }
}
