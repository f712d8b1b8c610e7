using System.Diagnostics;
using System.Globalization;
using System.Net;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>Datagrams through a real proxy, to an echo and back.</summary>
internal sealed class UdpScenario(LoadScreen screen, UdpSettings settings)
{
    private const string Key = "load";

    /// <summary>Before it is measured, so that the proxy's code is compiled.</summary>
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    /// <exception cref="IOException">The proxy does not start or refuses, or there is no QUIC here.</exception>
    public async Task<UdpResult> RunAsync(CancellationToken cancellationToken)
    {
        using var target = new UdpEchoTarget();
        // Over UDP the system would choose another port than over TCP.
        var urls = settings.Http == 3 ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:0;https://127.0.0.1:{FreePort.Next()}") : ProxyProcess.AnyPorts;
        await using var proxy = settings.Carrier == UdpCarrier.Bare ? null : await ProxyProcess.StartAsync(["--psk", Key, "--allow-private", "--allow-ports", "any"], urls: urls);
        var address = proxy is null ? new Uri("https://none") : settings.Http == 3 || settings.Tls ? proxy.Tls : proxy.Plain;
        await using var opener = new UdpTunnels(settings, address, $"Preshared {Key}", new IPEndPoint(IPAddress.Loopback, target.Port));
        var tunnels = new List<UdpLoad>();
        try
        {
            for (var i = 0; i < settings.Tunnels; i++) tunnels.Add(new UdpLoad(await opener.OpenAsync(cancellationToken), settings));
            screen.Progress("warming up");
            await RunAsync(tunnels, _warmUp, cancellationToken);
            screen.Progress($"{settings.Way}: {settings.Tunnels} tunnels, datagrams of {settings.Size} bytes");
            return await MeasureAsync(proxy, tunnels, cancellationToken);
        }
        finally
        {
            foreach (var tunnel in tunnels) await tunnel.DisposeAsync();
        }
    }

    private async Task<UdpResult> MeasureAsync(ProxyProcess? proxy, List<UdpLoad> tunnels, CancellationToken cancellationToken)
    {
        foreach (var tunnel in tunnels) tunnel.TakeDelays();
        var (echoes, lost, processor) = (tunnels.Sum(static tunnel => tunnel.Echoes), tunnels.Sum(static tunnel => tunnel.Lost), Processor(proxy));
        var startedAt = Stopwatch.GetTimestamp();
        await RunAsync(tunnels, TimeSpan.FromSeconds(settings.Seconds), cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        var delays = new LatencyHistogram();
        foreach (var tunnel in tunnels) delays.Add(tunnel.TakeDelays());
        return new UdpResult(
            tunnels.Sum(static tunnel => tunnel.Echoes) - echoes,
            tunnels.Sum(static tunnel => tunnel.Lost) - lost,
            elapsed,
            Processor(proxy) - processor,
            delays.Summarize());
    }

    private static TimeSpan Processor(ProxyProcess? proxy) => proxy is null ? TimeSpan.Zero : proxy.ProcessorTime - proxy.CompilerTime;

    private static async Task RunAsync(List<UdpLoad> tunnels, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(duration);
        await Task.WhenAll(tunnels.Select(tunnel => Task.Run(() => tunnel.RunAsync(end.Token), CancellationToken.None))).WaitAsync(duration + _limit, cancellationToken);
    }
}
