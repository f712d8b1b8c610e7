using System.Net;
using PrivacyProxy.LoadTests.Harness;

namespace PrivacyProxy.Tests.Serving;

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
}
