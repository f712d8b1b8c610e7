using PrivacyPass.SpentTokens;

namespace PrivacyProxy.LoadTests.Stores;

/// <summary>What a store needs besides itself: memcached processes of our own, or a throw-away file.</summary>
internal sealed class StoreServers : IAsyncDisposable
{
    private readonly List<MemcachedProcess> _nodes = [];
    private DirectoryInfo? _directory;

    public IReadOnlyList<MemcachedProcess> Nodes => _nodes;

    /// <summary>The store on these servers.</summary>
    public StoreSettings Settings { get; private set; } = new(SpentTokenStoreKind.Memory);

    /// <param name="kind">Which store.</param>
    /// <param name="nodes">How many memcached processes.</param>
    /// <param name="flags">Their arguments.</param>
    public static async Task<StoreServers> StartAsync(SpentTokenStoreKind kind, int nodes, params string[] flags)
    {
        var servers = new StoreServers();
        try
        {
            switch (kind)
            {
                case SpentTokenStoreKind.Memcached:
                    for (var i = 0; i < nodes; i++) servers._nodes.Add(await MemcachedProcess.StartAsync(flags));
                    servers.Settings = new StoreSettings(kind) { Servers = [.. servers._nodes.Select(static node => node.Address)] };
                    break;
                case SpentTokenStoreKind.Sqlite:
                    servers._directory = Directory.CreateTempSubdirectory("privacy-proxy-load-");
                    servers.Settings = new StoreSettings(kind) { SqliteFile = Path.Combine(servers._directory.FullName, "spent.db") };
                    break;
            }
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        _directory?.Delete(recursive: true);
    }
}
