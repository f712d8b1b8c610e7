using System.CommandLine;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Durability;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Once;

/// <summary><c>once</c>: proves that no token is accepted twice, and that none is lost while a majority is healthy.</summary>
internal static class OnceCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.Create<OnceSettings>("once", "Proves \"once\": tokens raced for while nodes are killed, stopped and restarted empty.", json, static (screen, settings, file, _) =>
        {
            screen.Text($"{settings.Store}, {settings.Tokens:N0} tokens, --seed {settings.Seed}");
            return settings.Store == SpentTokenStoreKind.Sqlite ? RunSqliteAsync(screen, settings, file) : RunMemcachedAsync(screen, settings, file);
        });

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
        ("  of them not accepted", $"{Numbers.Count(verdict.Lost)} {(verdict.Lost == 0 ? "ok" : $"VIOLATION (answered after {verdict.SlowestLost.TotalMilliseconds:F0} ms at most)")}"),
        ("accepted twice", $"{Numbers.Count(verdict.DoubleSpends)} {(verdict.DoubleSpends == 0 ? "ok" : "VIOLATION")}"));
}
