using System.Diagnostics;
using System.Text.Json;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>The C probe <c>mcbench</c>: what a check can cost at best on this machine, a blocking socket and nothing else.</summary>
internal sealed class CProbe(string path, MemcachedProcess server)
{
    /// <summary>Stands for the probe that <see cref="Find"/> finds.</summary>
    public const string InBenchHome = "$BENCH_HOME";

    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(1);

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, PropertyNameCaseInsensitive = true };

    /// <summary>The probe in $BENCH_HOME/bin, when it was built.</summary>
    public static string? Find() =>
        Environment.GetEnvironmentVariable("BENCH_HOME") is { Length: > 0 } home && File.Exists(Path.Combine(home, "bin", "mcbench")) ? Path.Combine(home, "bin", "mcbench") : null;

    /// <param name="kind">get or add.</param>
    /// <param name="count">Round trips.</param>
    public Task<ProbeRun> RoundTripsAsync(string kind, int count) => RunAsync("rtt", $"kind={kind}", $"n={count}");

    public Task<ProbeRun> PipelineAsync(int connections, int depth, int countPerConnection) =>
        RunAsync("pipe", $"conns={connections}", $"depth={depth}", $"n={countPerConnection}");

    /// <exception cref="IOException">It failed; with what it said.</exception>
    private async Task<ProbeRun> RunAsync(params string[] arguments)
    {
        if (!File.Exists(path)) throw new IOException($"--probe: there is no {path}; build it with setup.sh core of the bench kit.");
        var start = new ProcessStartInfo(path, [.. arguments, $"port={server.Port}", $"pid={server.ProcessId}"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var probe = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(_timeout);
        var errors = probe.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            var line = await probe.StandardOutput.ReadToEndAsync(timeout.Token);
            await probe.WaitForExitAsync(timeout.Token);
            if (probe.ExitCode != 0) throw new IOException($"{path} {string.Join(' ', arguments)} failed: {await errors}");
            return JsonSerializer.Deserialize<ProbeRun>(line, _json)!;
        }
        catch (OperationCanceledException e)
        {
            probe.Kill();
            throw new IOException($"{path} {string.Join(' ', arguments)} did not end.", e);
        }
    }
}
