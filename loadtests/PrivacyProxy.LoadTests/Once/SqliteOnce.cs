using System.Diagnostics;
using PrivacyProxy.LoadTests.Stores;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>
/// The proof of "once" for sqlite: a process of its own offers the tokens, is killed by SIGKILL in the middle, and
/// the next one goes on with the same file, a little before where the last one was.
/// </summary>
internal sealed class SqliteOnce(OnceSettings settings)
{
    private const int Overlap = 500;

    private static readonly TimeSpan _startTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How often the process was killed.</summary>
    public int Kills { get; private set; }

    /// <param name="progress">A line for the screen, every now and then.</param>
    public async Task<OnceVerdict> RunAsync(Action<string> progress)
    {
        await using var files = await StoreServers.StartAsync(SpentTokenStoreKind.Sqlite, 0);
        var path = files.Settings.SqliteFile + ".ledger";
        using var ledger = SpendLedger.Create(path, settings.Tokens);
        var random = new Random(settings.Seed);
        var step = Math.Max(1, settings.Tokens / (settings.Kills + 1));
        for (var i = 1; i <= settings.Kills; i++)
        {
            // Somewhere in its part: at the beginning, in the middle of a transaction, between two.
            var killAt = Math.Min(settings.Tokens - 1, (i - 1) * step + random.Next(1, step + 1));
            if (!await RunWorkerAsync(ledger, path, files.Settings.SqliteFile!, killAt)) break;
            progress($"{ledger.Progress:N0} of {settings.Tokens:N0} tokens, killed {++Kills} times");
        }
        await RunWorkerAsync(ledger, path, files.Settings.SqliteFile!, int.MaxValue);
        return OnceVerdict.Of(ledger);
    }

    /// <summary>What the process does: goes on where the ledger says, to the end, then offers the accepted ones again.</summary>
    public static async Task WorkAsync(OnceSettings settings, string ledgerPath, string file)
    {
        using var ledger = SpendLedger.Open(ledgerPath, settings.Tokens);
        await using var proxy = await ProxySlot.StartAsync(new StoreSettings(SpentTokenStoreKind.Sqlite) { SqliteFile = file });
        var run = new OfferRun(ledger, settings, [proxy], new FaultWindow(toleratesOne: true));
        await run.RunAsync(Math.Max(0, ledger.Progress - Overlap), static _ => { });
        await run.ReplayAsync(static _ => { });
    }

    /// <summary>True when it was killed, false when it came to its end.</summary>
    private async Task<bool> RunWorkerAsync(SpendLedger ledger, string ledgerPath, string file, int killAt)
    {
        using var worker = Process.Start(Start(ledgerPath, file))!;
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            while (!worker.HasExited)
            {
                if (ledger.Progress >= killAt) return true;
                if (Stopwatch.GetElapsedTime(startedAt) > settings.Limit + _startTimeout) throw new TimeoutException("The process that offers the tokens did not end.");
                await Task.Delay(1);
            }
        }
        finally
        {
            if (!worker.HasExited) worker.Kill();
            await worker.WaitForExitAsync();
        }
        return worker.ExitCode == 0 ? false : throw new IOException($"The process that offers the tokens ended with {worker.ExitCode}.");
    }

    private ProcessStartInfo Start(string ledgerPath, string file)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SqliteOnce).Assembly.Location, OnceWorkerCommand.Name, ledgerPath, file,
            settings.Tokens.ToString(), settings.Clients.ToString(), settings.Seed.ToString()]) { UseShellExecute = false };
        // The build sets both for its own processes.
        start.Environment.Remove("MSBUILD_EXE_PATH");
        return start;
    }
}
