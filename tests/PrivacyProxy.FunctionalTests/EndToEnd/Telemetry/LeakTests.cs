using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Telemetry;

/// <summary>
/// A run with known clients, destinations, tokens and keys leaves none of them in anything the proxy says: its streams, /metrics,
/// /traces, and the bytes of what it exports.
/// </summary>
[Collection(ToldCollection.Name)]
public sealed class LeakTests(ProductFixture product)
{
    private const string Client = "client address", Destination = "destination";
    private const string KeyField = "x-api-key";

    private static readonly ProxyVersion[] _versions = [ProxyVersion.Http1, ProxyVersion.Http1Tls, ProxyVersion.Http2, ProxyVersion.Http2Tls];

    [SkippableTheory]
    [InlineData(Collector.Grpc, "Console", "PrivacyProxy")]
    [InlineData(Collector.HttpProtobuf, "Json", "Default")]
    public async Task No_client_destination_token_or_key_is_in_logs_metrics_or_spans(string protocol, string format, string category)
    {
        var told = await RunAsync(protocol, ("PrivacyProxy__Telemetry__Logs__Format", format), ($"Logging__LogLevel__{category}", "Trace"));
        Assert.Contains("Refused with", told.Streams, StringComparison.Ordinal);
        Assert.Empty(told.Secrets.FoundIn(told.Streams));
        Assert.Empty(told.Secrets.FoundIn(told.Metrics));
        Assert.Empty(told.Secrets.FoundIn(told.Traces));
        Assert.All(told.Exports, export => Assert.Empty(FoundIn(told.Secrets, export)));
    }

    [SkippableFact]
    public async Task Where_destinations_are_included_the_same_search_finds_them_in_logs_and_spans_and_not_in_metrics()
    {
        var told = await RunAsync(
            Collector.Grpc, ("PrivacyProxy__Telemetry__Debug__IncludeDestinations", "true"), ("Logging__LogLevel__PrivacyProxy", "Debug"));
        string[] included = [Client, Destination];
        Assert.Superset(included.ToHashSet(StringComparer.Ordinal), told.Secrets.FoundIn(told.Streams).ToHashSet(StringComparer.Ordinal));
        Assert.Superset(included.ToHashSet(StringComparer.Ordinal), told.Secrets.FoundIn(told.Traces).ToHashSet(StringComparer.Ordinal));
        Assert.Superset(included.ToHashSet(StringComparer.Ordinal), told.Exports.Where(static export => export.IsTraces).SelectMany(export => FoundIn(told.Secrets, export)).ToHashSet(StringComparer.Ordinal));
        Assert.Empty(told.Secrets.FoundIn(told.Metrics));
        Assert.All(told.Exports.Where(static export => !export.IsTraces), export => Assert.Empty(FoundIn(told.Secrets, export)));

        // No more than those: tokens and keys stay secret.
        var found = told.Secrets.FoundIn(told.Streams + told.Traces).Except([Client, Destination, "forbidden destination", "unresolvable destination"], StringComparer.Ordinal);
        Assert.Empty(found);
    }

    /// <summary>In the whole request, but for the one field that is there to carry the collector's key.</summary>
    private static IReadOnlyCollection<string> FoundIn(Secrets secrets, ReceivedExport export) =>
    [
        .. secrets.FoundIn(export.Message), .. secrets.FoundIn(export.Path),
        .. export.Headers.Where(static field => field.Key != KeyField).SelectMany(field => secrets.FoundIn($"{field.Key}: {field.Value}")),
    ];

    /// <summary>A proxy is asked for everything it can accept and refuse, then stopped; all it said, and what must not be in it.</summary>
    private async Task<Told> RunAsync(string protocol, params (string Key, string Value)[] settings)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var collector = await Collector.StartAsync(protocol);
        await using var memcached = await MemcachedProcess.StartAsync("-m", "64", "-M");
        await using var dns = new DnsServer();
        var visit = new SecretVisit(product);
        await using var origin = TcpOrigin.Echo(SecretVisit.DestinationAddress);
        await using var proxy = await StartAsync(collector, memcached, dns, settings);
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);

        foreach (var version in _versions) await visit.AcceptedAndRefusedAsync(proxy, version, origin.Port);
        foreach (var version in _versions) await visit.TemplatedAsync(proxy, version, origin.Port);
        await memcached.KillAsync();
        foreach (var version in _versions) await visit.RefusedForWantOfAStoreAsync(proxy, version, origin.Port);

        var metrics = await GetAsync(proxy, "/metrics", "text/plain") + await GetAsync(proxy, "/metrics", "application/openmetrics-text");
        var traces = await GetTracesAsync(proxy);
        await collector.WaitAsync(collector => collector.Spans.Count(static span => span.Name == "tunnel") >= visit.Requests);
        Assert.Equal(0, await proxy.TerminateAsync());
        Assert.NotEmpty(collector.Metrics);
        return new Told(proxy.Log, metrics, traces, collector.Exports, visit.Secrets);
    }

    private Task<ProxyProcess> StartAsync(Collector collector, MemcachedProcess memcached, DnsServer dns, (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(collector.Settings(), StringComparer.Ordinal)
        {
            ["PrivacyProxy__Telemetry__Otlp__Headers"] = $"{KeyField}={SecretVisit.CollectorKey}",
            ["PrivacyProxy__Authentication__OriginInfo"] = "",
            ["PrivacyProxy__Issuers__0__Name"] = IssuerProcess.Name,
            ["PrivacyProxy__Issuers__0__Directory"] = product.Issuer.Directory.ToString(),
            ["PrivacyProxy__Issuers__0__KeyDirectory"] = product.IssuerDirectory,
            ["PrivacyProxy__Egress__Resolver__Servers"] = dns.Address,
            ["PrivacyProxy__Egress__Deny__0"] = SecretVisit.ForbiddenNetwork,
            ["PrivacyProxy__SpentTokens__Memcached__Deadline"] = "00:00:05",
        };
        foreach (var (key, value) in settings) all[key] = value;
        return ProxyProcess.StartAsync(
            ["--psk", SecretVisit.PresharedKey, "--allow-private", "--allow-ports", "any", "--store", "Memcached", "--memcached", memcached.Address], all);
    }

    /// <summary>The table, and each trace in it in both forms.</summary>
    private static async Task<string> GetTracesAsync(ProxyProcess proxy)
    {
        var all = new StringBuilder(await GetAsync(proxy, "/traces", "text/plain"));
        var ids = Regex.Matches(all.ToString(), "[0-9a-f]{32}").Select(static match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(ids);
        foreach (var id in ids)
            foreach (var type in (string[])["text/plain", "application/json"]) all.Append(await GetAsync(proxy, $"/traces/{id}", type));
        return all.ToString();
    }

    private static async Task<string> GetAsync(ProxyProcess proxy, string path, string accept)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);
        return await client.GetStringAsync(new Uri(proxy.Management, path));
    }

    private sealed record Told(string Streams, string Metrics, string Traces, IReadOnlyList<ReceivedExport> Exports, Secrets Secrets);
}
