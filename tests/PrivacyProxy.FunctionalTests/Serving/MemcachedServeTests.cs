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
        using var proxy = new ProxyProcess(_folder, ["--store", "Memcached", "--memcached", server.Address, "--psk", "k", "--urls", "http://127.0.0.1:0", "--management", $"http://127.0.0.1:{port}"]);
        await proxy.ReadyAsync();
        Assert.Contains($"tokens are refused: spent-token store memcached is not ready: {server.Address} cannot be reached", proxy.Errors, StringComparison.Ordinal);

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
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitCodeAsync());
    }

    [SkippableFact]
    public async Task Asked_to_stop_while_the_start_waits_for_its_server_it_says_so_and_exits_well()
    {
        const int Attempts = 10;
        for (var attempt = 1; ; attempt++)
        {
            using var proxy = new ProxyProcess(_folder, ["--store", "Memcached", "--memcached", $"127.0.0.1:{FreePort.Next()}", "--psk", "k", "--urls", "http://127.0.0.1:0", "--management", "none"]);
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            // The first thing it says while it waits.
            while (!proxy.Errors.Contains("cannot be reached", StringComparison.Ordinal)) await Task.Delay(5, patience.Token);
            // At once first, while the host is still being made, then a little later each time.
            await Task.Delay(100 * (attempt - 1));
            proxy.Terminate();
            Assert.Equal(0, await proxy.ExitCodeAsync());
            var isWaiting = proxy.Errors.Contains("Stopped while the start waited: spent-token store memcached is not ready", StringComparison.Ordinal);
            var isStopped = proxy.Errors.Contains("stopped before it was ready", StringComparison.Ordinal);
            Assert.True(isStopped || !isWaiting, proxy.Errors);
            if (isWaiting) return;
            // The signal came before the start had begun to wait, or after the two seconds that it waits.
            Assert.True(attempt < Attempts, proxy.Errors);
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
        using var proxy = new ProxyProcess(_folder, ["--psk", "k", "--urls", "http://127.0.0.1:0", "--management", $"http://127.0.0.1:{port}"],
            ("LD_PRELOAD", Library), ("FAKETIME_TIMESTAMP_FILE", clock), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"));
        await proxy.ReadyAsync();
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal("ready\n", await management.GetStringAsync("/readyz"));

        await File.WriteAllTextAsync(clock, "+100d");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!(await management.GetStringAsync("/readyz", patience.Token)).Contains("the system clock has jumped", StringComparison.Ordinal)) await Task.Delay(20, patience.Token);
        while (!proxy.Errors.Contains("The system clock has jumped", StringComparison.Ordinal)) await Task.Delay(20, patience.Token);
        await File.WriteAllTextAsync(clock, "+0");
        while (await management.GetStringAsync("/readyz", patience.Token) != "ready\n") await Task.Delay(20, patience.Token);
        while (!proxy.Errors.Contains("The system clock is believed again", StringComparison.Ordinal)) await Task.Delay(20, patience.Token);
    }
}
