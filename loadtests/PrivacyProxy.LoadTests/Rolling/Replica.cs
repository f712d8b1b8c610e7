using System.Globalization;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Rolling;

/// <summary>A proxy behind the load balancer; started anew it has the same addresses.</summary>
internal sealed class Replica(RollingSettings settings, CredentialSupply credentials) : IAsyncDisposable
{
    private readonly TemporaryDirectory _data = new();
    private ChildProcess? _process;

    public int Port { get; } = FreePort.Next();

    public int ManagementPort { get; } = FreePort.Next();

    public async Task StartAsync()
    {
        var environment = new Dictionary<string, string>(credentials.Settings, StringComparer.Ordinal)
        {
            ["PrivacyProxy__Listeners__Engine"] = settings.Engine.ToString(),
            ["PrivacyProxy__Drain__Delay"] = TimeSpan.FromSeconds(settings.Delay).ToString("c", CultureInfo.InvariantCulture),
            ["PrivacyProxy__Drain__Timeout"] = TimeSpan.FromSeconds(settings.Drain).ToString("c", CultureInfo.InvariantCulture),
        };
        _process = ChildProcess.StartProduct(
            ["serve", "--urls", $"http://127.0.0.1:{Port}", "--management", $"http://127.0.0.1:{ManagementPort}", "--data", _data.Path, "--allow-private", "--allow-ports", "any"], environment);
        await _process.WaitUntilReadyAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <exception cref="IOException">It does not end, or not in order.</exception>
    public async Task StopAsync()
    {
        if (await _process!.TerminateAsync() is not 0 and var code) throw new IOException($"A replica ended with {code}.\n{_process.Log}");
        await _process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _data.Dispose();
    }
}
