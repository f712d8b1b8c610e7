using System.Globalization;
using PrivacyProxy.LoadTests.Clients;

namespace PrivacyProxy.LoadTests.Targets;

/// <summary>A proxy under load: one that was started for it, or one that runs.</summary>
internal sealed class LoadedProxy : IAsyncDisposable
{
    private readonly ProxyProcess? _process;
    private readonly MemcachedProcess? _store;

    private LoadedProxy(ProxyAddress address, ProcessTree? processes, ProxyProcess? process, MemcachedProcess? store) =>
        (Address, Processes, _process, _store) = (address, processes, process, store);

    public ProxyAddress Address { get; }

    /// <summary>For its CPU and memory; null where its processes are not known.</summary>
    public ProcessTree? Processes { get; }

    /// <summary>Where its <c>/metrics</c> is; null where it is not ours.</summary>
    public Uri? Management => _process?.Management;

    /// <exception cref="IOException">It does not start, or its processes are not there.</exception>
    /// <exception cref="MemcachedMissingException">There is no memcached.</exception>
    public static async Task<LoadedProxy> StartAsync(TargetSettings settings, CredentialSupply credentials, params IEnumerable<KeyValuePair<string, string>> environment)
    {
        if (settings.Proxy is { } url)
        {
            if (settings.ProcessIds.FirstOrDefault(static id => !Directory.Exists($"/proc/{id}")) is var missing and > 0) throw new IOException($"--pid: there is no process {missing}.");
            return new LoadedProxy(new ProxyAddress(url.IdnHost, url.Port, settings.IsOverTls, settings.Ca), settings.Pid is null ? null : new ProcessTree(settings.ProcessIds), process: null, store: null);
        }

        var store = settings is { Pay: Payment.Tokens, Store: SpentStore.Memcached } ? await MemcachedProcess.StartAsync("-M", "-m", "256", "-t", "2") : null;
        try
        {
            return await StartAsync(settings, credentials, store, environment);
        }
        catch
        {
            if (store is not null) await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        if (_store is not null) await _store.DisposeAsync();
    }

    private static async Task<LoadedProxy> StartAsync(TargetSettings settings, CredentialSupply credentials, MemcachedProcess? store, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var all = new Dictionary<string, string>(credentials.Settings, StringComparer.Ordinal)
        {
            ["PrivacyProxy__Listeners__Engine"] = settings.Engine.ToString(),
        };
        if (store is not null)
        {
            all["PrivacyProxy__SpentTokens__Store"] = "Memcached";
            all["PrivacyProxy__SpentTokens__Memcached__Servers__0"] = store.Address;
        }

        foreach (var (name, value) in environment) all[name] = value;
        // Over UDP the system would choose another port than over TCP.
        var urls = settings.Http == 3 ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:0;https://127.0.0.1:{FreePort.Next()}") : ProxyProcess.AnyPorts;
        var process = await ProxyProcess.StartAsync(["--allow-private", "--allow-ports", "any"], all, urls);
        var way = settings.IsOverTls ? process.Tls : process.Plain;
        return new LoadedProxy(new ProxyAddress("127.0.0.1", way.Port, settings.IsOverTls, process.CaFile), new ProcessTree([process.Id]), process, store);
    }
}
