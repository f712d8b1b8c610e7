using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PrivacyProxy.Hosting;
using PrivacyProxy.Recording;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>A whole proxy in this process, so that its activities can be listened to; it takes the tokens of the product's issuer.</summary>
internal sealed class TracedProxy : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Dictionary<string, string> _settings;
    private WebApplication _app = null!;

    private TracedProxy(TemporaryDirectory directory, Dictionary<string, string> settings) => (_directory, _settings) = (directory, settings);

    public Uri Url { get; private set; } = null!;

    public Uri Management { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public RecentTraces Recent => _app.Services.GetRequiredService<TunnelTraces>().Recent;

    /// <summary>Everything kept so far, the newest first.</summary>
    public IReadOnlyList<KeptTrace> Kept => Recent.Newest(int.MaxValue);

    /// <summary>Starts one that keeps nothing but what <paramref name="settings"/> (below <c>PrivacyProxy:</c>) say.</summary>
    public static async Task<TracedProxy> StartAsync(ProductFixture product, params (string Key, string Value)[] settings)
    {
        var directory = new TemporaryDirectory();
        var proxy = new TracedProxy(directory, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Urls:0"] = "http://127.0.0.1:0",
            ["Issuers:0:Name"] = IssuerProcess.Name,
            ["Issuers:0:Directory"] = product.Issuer.Directory.ToString(),
            ["Authentication:OriginInfo"] = "",
            ["Authentication:PresharedKeys:0"] = ProductFixture.PresharedKey,
            ["Egress:AllowPrivate"] = "true",
            ["Egress:AllowedPorts"] = "any",
            ["Telemetry:Traces:Ratio"] = "0",
            ["Telemetry:Traces:SlowCheckThreshold"] = "00:01:00",
        });
        proxy._settings["Management"] = proxy.Management.ToString();
        foreach (var (key, value) in settings) proxy._settings[key] = value;
        proxy.WriteSettings();
        proxy._app = ProxyHost.Build(proxy.ConfigFile, static _ => []);
        proxy.Url = new Uri((await ProxyHost.StartAsync(proxy._app, CancellationToken.None))[0]);
        using var client = new HttpClient();
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (!(await client.GetAsync(new Uri(proxy.Management, "/readyz"), deadline.Token)).IsSuccessStatusCode) await Task.Delay(20, deadline.Token);
        return proxy;
    }

    /// <summary>Changes the configuration file of the running proxy.</summary>
    public void Change(string key, string value)
    {
        _settings[key] = value;
        WriteSettings();
    }

    /// <summary>One CONNECT and its answer.</summary>
    public async Task<HttpHead> AnswerAsync(ProxyVersion version, string authority, params KeyValuePair<string, string>[] fields)
    {
        if (version == ProxyVersion.Http1)
        {
            await using var probe = await HttpProbe.ConnectAsync(Url);
            await probe.SendAsync(HttpProbe.ConnectHead(authority, [.. fields.Select(static field => $"{field.Key}: {field.Value}")]));
            return await probe.ReadHeadAsync();
        }

        await using var connection = await Http2Probe.ConnectAsync(Url);
        await using var stream = await connection.ConnectAsync(authority, [.. fields.Select(static field => KeyValuePair.Create(field.Key.ToLowerInvariant(), field.Value))]);
        return await stream.ReadHeadAsync();
    }

    /// <summary>One CONNECT with the preshared key.</summary>
    public Task<HttpHead> AnswerPresharedAsync(ProxyVersion version, string authority, params KeyValuePair<string, string>[] fields) =>
        AnswerAsync(version, authority, [Credentials.Field(ProductFixture.Preshared), .. fields]);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Dispose();
    }

    private string ConfigFile => _directory.File("proxy.json");

    /// <summary>In one step, as an operator's tools do: a reader sees the old file or the new one.</summary>
    private void WriteSettings()
    {
        var next = _directory.File("next.json");
        File.WriteAllText(next, JsonSerializer.Serialize(_settings.ToDictionary(static pair => "PrivacyProxy:" + pair.Key, static pair => pair.Value)));
        File.Move(next, ConfigFile, overwrite: true);
    }
}
