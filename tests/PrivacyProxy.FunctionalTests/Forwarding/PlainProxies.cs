using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>A proxy on each engine that takes one key and forwards to anywhere.</summary>
public sealed class PlainProxies : IAsyncLifetime
{
    internal const string Name = "plain requests";

    internal const string Key = "a-key-for-plain-requests";

    internal static readonly string Credentials = $"Proxy-Authorization: Preshared {Key}\r\n";

    private ProxyProcess[] _proxies = [];

    /// <summary>The names of the engines.</summary>
    public static TheoryData<string> Engines => ["Native", "Kestrel"];

    internal ProxyProcess this[string engine] => _proxies[engine == "Native" ? 0 : 1];

    public async Task InitializeAsync() => _proxies = await Task.WhenAll(StartAsync("Native"), StartAsync("Kestrel"));

    public async Task DisposeAsync()
    {
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
    }

    /// <summary>A proxy with more settings.</summary>
    internal static Task<ProxyProcess> StartAsync(string engine, params (string Key, string Value)[] settings)
    {
        var environment = settings.ToDictionary(static setting => "PrivacyProxy__" + setting.Key, static setting => setting.Value, StringComparer.Ordinal);
        environment["PrivacyProxy__Listeners__Engine"] = engine;
        environment.TryAdd("PrivacyProxy__Egress__AllowPrivate", "true");
        environment.TryAdd("PrivacyProxy__Egress__AllowedPorts", "any");
        environment.TryAdd("PrivacyProxy__Egress__Pools__0__Geohash", "xn76");
        environment.TryAdd("PrivacyProxy__Egress__Pools__0__Addresses", "127.0.0.2");
        environment.TryAdd("PrivacyProxy__Egress__Pools__1__Geohash", "u4pr");
        environment.TryAdd("PrivacyProxy__Egress__Pools__1__Addresses", "127.0.0.3");
        return ProxyProcess.StartAsync(["--psk", Key], environment);
    }

    /// <summary>Sends one request and reads its answer.</summary>
    internal static async Task<RawAnswer> AskAsync(Uri proxy, string request, string? caFile = null)
    {
        await using var probe = await HttpProbe.ConnectAsync(proxy, caFile);
        await probe.SendAsync(request);
        return await RawAnswer.ReadAsync(probe, request.StartsWith("HEAD", StringComparison.Ordinal));
    }
}
