using System.CommandLine;
using PrivacyProxy.LoadTests.Durability;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Once;

/// <summary><c>once</c>: proves that no token is accepted twice, and that none is lost while a majority is healthy.</summary>
internal static class OnceCommand
{
    public static Command Create(Option<FileInfo?> json)
    {
        var defaults = new OnceSettings();
        var store = new Option<SpentTokenStoreKind>("--store") { Description = "memcached (nodes fail) or sqlite (the process is killed).", DefaultValueFactory = _ => SpentTokenStoreKind.Memcached };
        var tokens = new Option<int>("--tokens") { Description = "Tokens offered; four of five by every client, the others by one.", DefaultValueFactory = _ => defaults.Tokens };
        var proxies = new Option<int>("--proxies") { Description = "Proxies over the same memcached nodes.", DefaultValueFactory = _ => defaults.Proxies };
        var clients = new Option<int>("--clients") { Description = "Clients of each proxy.", DefaultValueFactory = _ => defaults.Clients };
        var nodes = new Option<int>("--nodes") { Description = "Memcached nodes.", DefaultValueFactory = _ => defaults.Nodes };
        var replicas = new Option<int>("--replicas") { Description = "Nodes that remember each token.", DefaultValueFactory = _ => defaults.Replicas };
        var seed = new Option<int?>("--seed") { Description = "Repeats the faults of another run. Default: a new one, printed." };
        var deadline = new Option<double?>("--deadline") { Description = "Deadline of a check in ms. Default: the proxy's." };
        var restarts = new Option<bool>("--restart-proxies") { Description = "Replace proxies at random too; what they alone remembered is gone then." };
        var router = new Option<bool>("--router") { Description = "Reach the nodes through a router (twemproxy), which spreads one replica over them." };
        var kills = new Option<int>("--kills") { Description = "Times the process is killed, with sqlite.", DefaultValueFactory = _ => defaults.Kills };
        var limit = new Option<double>("--seconds") { Description = "End the offering after so long at the latest.", DefaultValueFactory = _ => defaults.Limit.TotalSeconds };
        Bounds.Between(tokens, 1, 10_000_000);
        Bounds.Between(proxies, 1, 32);
        Bounds.Between(clients, 1, 1_000);
        Bounds.Between(nodes, 1, 16);
        Bounds.Between(replicas, 1, 15);
        Bounds.Between(kills, 0, 1_000);
        Bounds.Between(limit, 1, 7_200);
        var command = new Command("once", "Proves \"once\": tokens raced for while nodes are killed, stopped and restarted empty.") { store, tokens, proxies, clients, nodes, replicas, seed, deadline, restarts, router, kills, limit };
        command.SetAction((arguments, _) => Scenario.RunAsync(screen => RunAsync(screen, arguments.GetValue(store), new OnceSettings
        {
            Tokens = arguments.GetValue(tokens),
            Proxies = arguments.GetValue(proxies),
            Clients = arguments.GetValue(clients),
            Nodes = arguments.GetValue(nodes),
            Replicas = arguments.GetValue(router) ? 1 : arguments.GetValue(replicas),
            ThroughRouter = arguments.GetValue(router),
            Seed = arguments.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000),
            Deadline = arguments.GetValue(deadline) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            RestartsProxies = arguments.GetValue(restarts),
            Kills = arguments.GetValue(kills),
            Limit = TimeSpan.FromSeconds(arguments.GetValue(limit)),
        }, arguments.GetValue(json))));
        return command;
    }

    private static Task<int> RunAsync(LoadScreen screen, SpentTokenStoreKind store, OnceSettings settings, FileInfo? json)
    {
        screen.Text($"{store}, {settings.Tokens:N0} tokens, --seed {settings.Seed}");
        return store switch
        {
            SpentTokenStoreKind.Memcached => RunMemcachedAsync(screen, settings, json),
            SpentTokenStoreKind.Sqlite => RunSqliteAsync(screen, settings, json),
            _ => throw new FormatException("--store: memcached or sqlite; what is in memory does not outlive its process."),
        };
    }

    private static async Task<int> RunMemcachedAsync(LoadScreen screen, OnceSettings settings, FileInfo? json)
    {
        var once = new MemcachedOnce(settings);
        var verdict = await once.RunAsync(screen.Progress);
        Print(screen, verdict, string.Join(", ", once.Faults.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Value} {pair.Key}")));
        await ResultFile.WriteAsync(json, "once", settings, new { once.Faults, verdict });
        return verdict.Holds ? 0 : 1;
    }

    private static async Task<int> RunSqliteAsync(LoadScreen screen, OnceSettings settings, FileInfo? json)
    {
        await using var files = await StoreServers.StartAsync(SpentTokenStoreKind.Sqlite, 0);
        using var limit = new CancellationTokenSource(settings.Limit);
        screen.Progress($"a process spends and is killed {settings.Kills} times");
        var durability = new DurabilitySettings(files.Settings.SqliteFile!, settings.Tokens, settings.Proxies * settings.Clients, settings.Kills, settings.Seed);
        var result = await DurabilityProof.RunAsync(durability, limit.Token);
        screen.Text(result.ToString());
        await ResultFile.WriteAsync(json, "once", durability, result);
        return result.Holds ? 0 : 1;
    }

    private static void Print(LoadScreen screen, OnceVerdict verdict, string faults) => screen.Facts(
        ("faults", faults),
        ("tokens offered", Numbers.Count(verdict.Offered)),
        ("offers answered", Numbers.Count(verdict.Offers)),
        ("  spent before", Numbers.Count(verdict.AlreadySpent)),
        ("  cannot say", Numbers.Count(verdict.Unavailable)),
        ("tokens accepted", Numbers.Count(verdict.Accepted)),
        ("raced for, and nobody got it (safe)", Numbers.Count(verdict.Nobody)),
        ("offered by one client, majority healthy", Numbers.Count(verdict.Lone)),
        ("  of them not accepted", $"{Numbers.Count(verdict.Lost)} {(verdict.Lost == 0 ? "ok" : "VIOLATION")}"),
        ("accepted twice", $"{Numbers.Count(verdict.DoubleSpends)} {(verdict.DoubleSpends == 0 ? "ok" : "VIOLATION")}"));
}
