using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>Datagrams through a real proxy over HTTP/2, to an echo and back.</summary>
internal sealed class UdpScenario(LoadScreen screen, UdpSettings settings)
{
    private const string Key = "load";

    /// <summary>Before it is measured, so that the proxy's code is compiled.</summary>
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    public async Task<UdpResult> RunAsync(CancellationToken cancellationToken)
    {
        using var target = new UdpEchoTarget();
        await using var proxy = await ProxyProcess.StartAsync(["--psk", Key, "--allow-private", "--allow-ports", "any"]);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = _limit };
        var tunnels = new List<UdpLoad>();
        try
        {
            for (var i = 0; i < settings.Tunnels; i++) tunnels.Add(await UdpLoad.OpenAsync(client, proxy.Plain, $"Preshared {Key}", target.Port, settings, cancellationToken));
            screen.Progress("warming up");
            await RunAsync(tunnels, _warmUp, cancellationToken);
            screen.Progress($"{settings.Tunnels} tunnels, {settings.Window} datagrams of {settings.Size} bytes on their way in each");
            return await MeasureAsync(proxy, tunnels, cancellationToken);
        }
        finally
        {
            foreach (var tunnel in tunnels) await tunnel.DisposeAsync();
        }
    }

    private async Task<UdpResult> MeasureAsync(ProxyProcess proxy, List<UdpLoad> tunnels, CancellationToken cancellationToken)
    {
        var (echoes, lost, processor) = (tunnels.Sum(static tunnel => tunnel.Echoes), tunnels.Sum(static tunnel => tunnel.Lost), Processor(proxy));
        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        await RunAsync(tunnels, TimeSpan.FromSeconds(settings.Seconds), cancellationToken);
        return new UdpResult(
            tunnels.Sum(static tunnel => tunnel.Echoes) - echoes,
            tunnels.Sum(static tunnel => tunnel.Lost) - lost,
            System.Diagnostics.Stopwatch.GetElapsedTime(startedAt),
            Processor(proxy) - processor);
    }

    private static TimeSpan Processor(ProxyProcess proxy) => proxy.ProcessorTime - proxy.CompilerTime;

    private static async Task RunAsync(List<UdpLoad> tunnels, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(duration);
        await Task.WhenAll(tunnels.Select(tunnel => Task.Run(() => tunnel.RunAsync(end.Token), CancellationToken.None))).WaitAsync(duration + _limit, cancellationToken);
    }
}
