using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary><c>udp</c>: how many datagrams pass, what each costs the proxy, and how long it takes.</summary>
internal static class UdpCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.Create<UdpSettings>("udp", "Datagrams through connect-udp over HTTP/2 or HTTP/3, to an echo and back.", json, RunAsync);

    private static async Task<int> RunAsync(LoadScreen screen, UdpSettings settings, FileInfo? json, CancellationToken cancellationToken)
    {
        var result = await new UdpScenario(screen, settings).RunAsync(cancellationToken);
        screen.Title($"Datagrams through the proxy, both directions together: {settings.Way}");
        screen.Facts(
            ("datagrams/s", Numbers.Count((long)result.DatagramsPerSecond)),
            ("CPU of the proxy per datagram", Numbers.Time(result.ProcessorMicrosecondsPerDatagram)),
            ("there and back, p50", Numbers.Time(result.Delays.P50)),
            ("p99", Numbers.Time(result.Delays.P99)),
            ("lost", Numbers.Count(result.Lost)));
        await ResultFile.WriteAsync(json, "udp", settings, result);
        return 0;
    }
}
