using System.Globalization;
using System.Text.Json;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Debian's Prometheus, scraping one proxy every second, with exemplars kept.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private const string Program = "/usr/bin/prometheus";

    private readonly ChildProcess _child;
    private readonly TemporaryDirectory _data;
    private readonly HttpClient _client;

    private PrometheusProcess(ChildProcess child, TemporaryDirectory data, HttpClient client) => (_child, _data, _client) = (child, data, client);

    /// <summary>Starts one; skips the test by name where it is absent.</summary>
    public static async Task<PrometheusProcess> StartAsync(Uri target)
    {
        Skip.IfNot(File.Exists(Program), "prometheus is not installed");
        var data = new TemporaryDirectory();
        await File.WriteAllTextAsync(data.File("prometheus.yml"), $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: privacy-proxy
                static_configs: [{ targets: ["{{target.Authority}}"] }]
            """);
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");
        var child = ChildProcess.Start(Program,
        [
            "--config.file=" + data.File("prometheus.yml"), "--storage.tsdb.path=" + data.File("tsdb"),
            "--web.listen-address=" + address, "--enable-feature=exemplar-storage",
        ]);
        return new PrometheusProcess(child, data, new HttpClient { BaseAddress = new Uri($"http://{address}/") });
    }

    /// <summary>Asks until the answer has a series, and gives the first one.</summary>
    /// <param name="path"><c>query</c> or <c>query_exemplars</c>.</param>
    /// <param name="query">PromQL.</param>
    public async Task<JsonElement> QueryAsync(string path, string query)
    {
        // Its own clock and ours are the same; the range only matters to query_exemplars.
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var url = string.Create(CultureInfo.InvariantCulture, $"api/v1/{path}?query={Uri.EscapeDataString(query)}&start={now - 600}&end={now + 600}");
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (!deadline.IsCancellationRequested)
        {
            if (await TryGetAsync(url) is { } found) return found;
            await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        }

        throw new InvalidOperationException($"Prometheus has nothing for {query}.\n{_child.Log}");
    }

    /// <summary>The value of the first series of a query, once there is one.</summary>
    public async Task<double> ValueAsync(string query) =>
        double.Parse((await QueryAsync("query", query)).GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _child.DisposeAsync();
        _data.Dispose();
    }

    private async Task<JsonElement?> TryGetAsync(string url)
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri(url, UriKind.Relative));
            if (!answer.IsSuccessStatusCode) return null;
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var data = document.RootElement.GetProperty("data");
            var series = data.ValueKind == JsonValueKind.Array ? data : data.GetProperty("result");
            return series.GetArrayLength() > 0 ? series[0].Clone() : null;
        }
        catch (HttpRequestException) when (!_child.HasExited)
        {
            // It does not listen yet.
            return null;
        }
    }
}
