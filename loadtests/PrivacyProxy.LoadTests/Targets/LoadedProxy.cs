using System.Globalization;
using System.Net;
using PrivacyProxy.LoadTests.Clients;

namespace PrivacyProxy.LoadTests.Targets;

/// <summary>A proxy under load: one that was started for it, or one that runs.</summary>
internal sealed class LoadedProxy : IAsyncDisposable
{
    private readonly ProxyProcess? _process;
    private readonly MemcachedProcess? _store;

    private LoadedProxy(ProxyAddress address, ProcessTree? processes) => (Address, Processes) = (address, processes);

    private LoadedProxy(bool tls, ProxyProcess process, MemcachedProcess? store)
    {
        (_process, _store) = (process, store);
        (Address, Processes) = (AddressOf(tls), new ProcessTree([process.Id]));
    }

    public ProxyAddress Address { get; }

    /// <summary>CPU time so far of the memcached that was started beside it.</summary>
    public TimeSpan StoreTime => _store?.ProcessorTime ?? TimeSpan.Zero;

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
            return new LoadedProxy(new ProxyAddress(url.IdnHost, url.Port, settings.IsOverTls), settings.Pid is null ? null : new ProcessTree(settings.ProcessIds));
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

    /// <summary>Where one that was started listens in cleartext, and over TLS.</summary>
    public ProxyAddress AddressOf(bool tls) => new("127.0.0.1", (tls ? _process!.Tls : _process!.Plain).Port, tls);

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
            // A machine full of load is late, the store is not broken.
            all["PrivacyProxy__SpentTokens__Memcached__Deadline"] = "00:00:05";
        }

        foreach (var (name, value) in environment) all[name] = value;
        // Over UDP the system would choose another port than over TCP.
        var urls = settings.Http == 3 ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:0;https://127.0.0.1:{FreePort.Next()}") : ProxyProcess.AnyPorts;
        var process = await ProxyProcess.StartAsync(["--allow-private", "--allow-ports", "any"], all, urls);
        try
        {
            await process.WaitForReadinessAsync(HttpStatusCode.OK);
            return new LoadedProxy(settings.IsOverTls, process, store);
        }
        catch (OperationCanceledException e)
        {
            await process.DisposeAsync();
            throw new IOException("The proxy did not become ready.", e);
        }
    }
}
