using System.Net;

namespace PrivacyProxy.FunctionalTests.Serving;

public sealed class MemcachedServeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task Without_its_server_the_proxy_starts_not_ready_and_names_it_and_is_ready_once_it_comes()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var server = await MemcachedProcess.StartAsync("-M");
        await server.KillAsync();
        var port = FreePort.Next();
        await using var proxy = ChildProcess.StartProduct(["--store", "Memcached", "--memcached", server.Address, "--psk", "k", "--urls", "http://127.0.0.1:0", "--management", $"http://127.0.0.1:{port}"], folder: _folder);
        await proxy.WaitUntilReadyAsync();
        Assert.Contains($"tokens are refused: spent-token store memcached is not ready: {server.Address} cannot be reached", proxy.Errors.Text, StringComparison.Ordinal);

        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var missing = await management.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, missing.StatusCode);
        Assert.Contains(server.Address, await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await server.RestartEmptyAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await management.GetAsync("/readyz", patience.Token) is { IsSuccessStatusCode: false } answer)
        {
            answer.Dispose();
            await Task.Delay(20, patience.Token);
        }
        Assert.Equal(0, await proxy.TerminateAsync());
    }

    [SkippableFact]
    public async Task Asked_to_stop_while_the_start_waits_for_its_server_it_says_so_and_exits_well()
    {
        const int Attempts = 10;
        for (var attempt = 1; ; attempt++)
        {
            await using var proxy = ChildProcess.StartProduct(["--store", "Memcached", "--memcached", $"127.0.0.1:{FreePort.Next()}", "--psk", "k", "--urls", "http://127.0.0.1:0", "--management", "none"], folder: _folder);
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            // The first thing it says while it waits.
            await proxy.WaitForErrorsAsync("cannot be reached");
            // At once first, while the host is still being made, then a little later each time.
            await Task.Delay(100 * (attempt - 1));
            Assert.Equal(0, await proxy.TerminateAsync());
            var isWaiting = proxy.Errors.Text.Contains("Stopped while the start waited: spent-token store memcached is not ready", StringComparison.Ordinal);
            var isStopped = proxy.Errors.Text.Contains("stopped before it was ready", StringComparison.Ordinal);
            Assert.True(isStopped || !isWaiting, proxy.Errors.Text);
            if (isWaiting) return;
            // The signal came before the start had begun to wait, or after the two seconds that it waits.
            Assert.True(attempt < Attempts, proxy.Errors.Text);
        }
    }

    [SkippableFact]
    public async Task A_clock_that_jumps_is_named_by_readyz_and_the_log_and_the_proxy_stays_ready()
    {
        const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
        Skip.IfNot(File.Exists(Library), "faketime is not installed");
        var clock = Path.Combine(_folder, "clock");
        await File.WriteAllTextAsync(clock, "+0");
        var port = FreePort.Next();
        await using var proxy = ChildProcess.StartProduct(
            ["--psk", "k", "--urls", "http://127.0.0.1:0", "--management", $"http://127.0.0.1:{port}"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["LD_PRELOAD"] = Library, ["FAKETIME_TIMESTAMP_FILE"] = clock, ["FAKETIME_NO_CACHE"] = "1", ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" },
            _folder);
        await proxy.WaitUntilReadyAsync();
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal("ready\n", await management.GetStringAsync("/readyz"));

        await File.WriteAllTextAsync(clock, "+100d");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!(await management.GetStringAsync("/readyz", patience.Token)).Contains("the system clock has jumped", StringComparison.Ordinal)) await Task.Delay(20, patience.Token);
        await proxy.WaitForErrorsAsync("The system clock has jumped");
        await File.WriteAllTextAsync(clock, "+0");
        while (await management.GetStringAsync("/readyz", patience.Token) != "ready\n") await Task.Delay(20, patience.Token);
        await proxy.WaitForErrorsAsync("The system clock is believed again");
    }
}
