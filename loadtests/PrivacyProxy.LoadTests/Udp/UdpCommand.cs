using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary><c>udp</c>: how many datagrams pass, and what each costs the proxy.</summary>
internal static class UdpCommand
{
    public static Command Create(Option<FileInfo?> json)
    {
        var tunnels = new Option<int>("--tunnels") { Description = "Tunnels at once, on one connection.", DefaultValueFactory = static _ => 4 };
        var window = new Option<int>("--window") { Description = "Datagrams of each tunnel on their way at once.", DefaultValueFactory = static _ => 32 };
        var size = new Option<int>("--size") { Description = "Bytes of a datagram.", DefaultValueFactory = static _ => 1200 };
        var seconds = new Option<double>("--seconds") { Description = "How long it measures.", DefaultValueFactory = static _ => 10 };
        Bounds.Between(tunnels, 1, 1000);
        Bounds.Between(window, 1, 1000);
        Bounds.Between(size, 1, 9000);
        Bounds.Between(seconds, 0.1, 600);
        var command = new Command("udp", "Datagrams through connect-udp over HTTP/2, to an echo and back.") { tunnels, window, size, seconds };
        command.SetAction((arguments, cancellationToken) => Scenario.RunAsync(screen => RunAsync(
            screen,
            new UdpSettings(arguments.GetValue(tunnels), arguments.GetValue(window), arguments.GetValue(size), TimeSpan.FromSeconds(arguments.GetValue(seconds))),
            arguments.GetValue(json),
            cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(LoadScreen screen, UdpSettings settings, FileInfo? json, CancellationToken cancellationToken)
    {
        var result = await new UdpScenario(screen, settings).RunAsync(cancellationToken);
        screen.Title("Datagrams through the proxy, both directions together");
        screen.Facts(
            ("datagrams/s", Numbers.Count((long)result.DatagramsPerSecond)),
            ("CPU of the proxy per datagram", Numbers.Time(result.ProcessorMicrosecondsPerDatagram)),
            ("lost", Numbers.Count(result.Lost)));
        await ResultFile.WriteAsync(json, "udp", settings, result);
        return 0;
    }
}
