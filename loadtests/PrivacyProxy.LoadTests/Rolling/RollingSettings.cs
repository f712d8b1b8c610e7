using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Rolling;

/// <summary>The options of <c>rolling</c>.</summary>
internal sealed record RollingSettings
{
    [Flag("Tunnels that stay open through the restarts; one that is cut is opened again."), Range(1, 8_000)]
    public int Tunnels { get; init; } = 1_000;

    [Flag("Short tunnels a second beside them."), Range(1, 10_000)]
    public double Rate { get; init; } = 50;

    [Flag("Seconds between two bytes in each of the tunnels that stay."), Range(0.01, 60)]
    public double Every { get; init; } = 1;

    [Flag("Drain:Delay of the replicas, in seconds: longer than haproxy takes to see that one is not ready."), Range(0, 20)]
    public double Delay { get; init; } = 2;

    [Flag("Drain:Timeout of the replicas, in seconds."), Range(0, 60)]
    public double Drain { get; init; } = 10;

    [Flag("What serves tunnels in the replicas: kestrel or native.")]
    public ListenerEngine Engine { get; init; } = ListenerEngine.Native;

    [Flag("Exit with 1 when more tunnels are refused, short ones or those opened again."), Range(0, 1_000_000)]
    public int MaxRefused { get; init; }

    [Flag("Exit with 1 when more tunnels are cut before Drain:Timeout."), Range(0, 1_000_000)]
    public int MaxCut { get; init; }
}
