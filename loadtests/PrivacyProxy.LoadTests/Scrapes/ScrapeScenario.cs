using System.Diagnostics;
using System.Text;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;
using PrivacyProxy.LoadTests.Tunnels;

namespace PrivacyProxy.LoadTests.Scrapes;

/// <summary>A proxy with three store nodes and all telemetry on, some load, then scrapes one after the other.</summary>
internal sealed class ScrapeScenario(LoadScreen screen, ScrapeSettings settings)
{
    private const int Nodes = 3;
    private const int Callers = 16;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    /// <exception cref="MemcachedMissingException">There is no memcached.</exception>
    /// <exception cref="IOException">A tunnel or a scrape failed.</exception>
    public async Task<ScrapeResults> RunAsync(CancellationToken cancellationToken)
    {
        await using var collector = await SwallowingCollector.StartAsync();
        using var origin = new LoadOrigin();
        var nodes = new List<MemcachedProcess>();
        try
        {
            for (var i = 0; i < Nodes; i++) nodes.Add(await MemcachedProcess.StartAsync("-M", "-m", "64"));
            var credentials = await CredentialSupply.MintAsync(screen, settings.Tunnels, cancellationToken);
            var tunnels = new TunnelsSettings { Tunnels = settings.Tunnels, Rounds = 1, Callers = Callers, Seconds = _limit.TotalSeconds, Pay = Payment.Tokens };
            await using var proxy = await TunnelPeer.StartAsync("all on", tunnels, credentials, origin.Authority, [.. TelemetrySettings.Of(TelemetryPart.Telemetry, collector.Url), .. Store(nodes)]);
            screen.Progress($"opening {Numbers.Count(settings.Tunnels)} tunnels");
            var round = await proxy.MeasureAsync(settings.Tunnels, _limit, cancellationToken);
            if (round.Failed > 0) throw new IOException($"{round.Failed} tunnels failed: {round.Failure}");
            return await ScrapeAsync(proxy, cancellationToken);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Store(List<MemcachedProcess> nodes)
    {
        yield return new("PrivacyProxy__SpentTokens__Store", "Memcached");
        yield return new("PrivacyProxy__SpentTokens__Memcached__Replicas", $"{nodes.Count}");
        for (var i = 0; i < nodes.Count; i++) yield return new($"PrivacyProxy__SpentTokens__Memcached__Servers__{i}", nodes[i].Address);
        // Where others want the machine too, a store that is slow for a moment is no failure of the proxy's.
        yield return new("PrivacyProxy__SpentTokens__Memcached__Deadline", "00:00:05");
    }

    /// <summary>The formats in turn: machines drift, and neighbours do not.</summary>
    private async Task<ScrapeResults> ScrapeAsync(TunnelPeer proxy, CancellationToken cancellationToken)
    {
        var formats = new[] { new Format("text", "text/plain"), new Format("OpenMetrics", "application/openmetrics-text") };
        using var http = new HttpClient { BaseAddress = proxy.Management, Timeout = TimeSpan.FromSeconds(10) };
        var processor = proxy.ProcessorTime;
        for (var i = 0; i < settings.Scrapes; i++)
        {
            screen.Progress($"scrape {i + 1} of {settings.Scrapes}");
            foreach (var format in formats)
            {
                var asked = Stopwatch.GetTimestamp();
                format.Answer = await ReadAsync(http, format.Accept, cancellationToken);
                format.Times.Record(Stopwatch.GetTimestamp() - asked);
            }
        }

        var used = (proxy.ProcessorTime - processor) / (settings.Scrapes * formats.Length);
        return new ScrapeResults([.. formats.Select(static format => format.ToResult())], used.TotalMicroseconds);
    }

    private static async Task<byte[]> ReadAsync(HttpClient http, string accept, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            request.Headers.Add("Accept", accept);
            using var answer = await http.SendAsync(request, cancellationToken);
            return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"A scrape failed: {e.Message}", e);
        }
    }

    private sealed class Format(string name, string accept)
    {
        public string Accept => accept;

        public LatencyHistogram Times { get; } = new();

        public byte[] Answer { get; set; } = [];

        public ScrapeResult ToResult()
        {
            var samples = Encoding.UTF8.GetString(Answer).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#').ToList();
            return new ScrapeResult(name, Times.Summarize(), Answer.Length, samples.Count, samples.Count(static line => line.Contains(" # {", StringComparison.Ordinal)));
        }
    }
}
