using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.LoadTests.Durability;

/// <summary>Has the process that spends killed, again and again in the midst of it, and checks that no accepted token is ever accepted again.</summary>
internal static class DurabilityProof
{
    /// <summary>The exit code of a process that got SIGKILL.</summary>
    private const int Killed = 128 + 9;

    public static async Task<DurabilityResult> RunAsync(DurabilitySettings settings, CancellationToken cancellationToken)
    {
        var random = new Random(settings.Seed);
        var accepts = new int[settings.Tokens];
        var share = settings.Tokens / (settings.Kills + 1);
        var kills = 0;
        for (var kill = 0; kill < settings.Kills; kill++)
            if (await RunProcessAsync(settings, accepts, killAfter: random.Next(share / 2, share + 1), cancellationToken) == Killed) kills++;
        var code = await RunProcessAsync(settings, accepts, killAfter: int.MaxValue, cancellationToken);
        return new DurabilityResult(
            settings.Tokens, accepts.Count(count => count > 0), accepts.Count(count => count > 1),
            await CountForgottenAsync(settings.File, accepts), kills, kills * settings.Callers, code == 0);
    }

    /// <summary>Counts the reports of one process, which kills itself with the so manieth; its exit code.</summary>
    private static async Task<int> RunProcessAsync(DurabilitySettings settings, int[] accepts, int killAfter, CancellationToken cancellationToken)
    {
        using var process = Start(settings, killAfter);
        try
        {
            await using var reports = new BufferedStream(process.StandardOutput.BaseStream, 65_536);
            var bytes = new byte[sizeof(int)];
            while (await reports.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken) == bytes.Length)
                accepts[BinaryPrimitives.ReadInt32LittleEndian(bytes)]++;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static Process Start(DurabilitySettings settings, int killAfter)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] arguments =
        [
            "exec", typeof(DurabilityProof).Assembly.Location, SpendingCommand.Name, settings.File,
            $"{settings.Tokens}", $"{settings.Callers}", $"{settings.Seed}", $"{killAfter}",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static async Task<int> CountForgottenAsync(string file, int[] accepts)
    {
        await using var store = SqliteSpentTokenStore.Open(new SqliteSpentTokenOptions { File = file }, TimeProvider.System, NullLogger.Instance);
        var forgotten = 0;
        for (var number = 0; number < accepts.Length; number++)
            if (accepts[number] > 0 && await store.LookUpAsync(SpendingProcess.Token(number), default) != SpendOutcome.AlreadySpent) forgotten++;
        return forgotten;
    }
}
