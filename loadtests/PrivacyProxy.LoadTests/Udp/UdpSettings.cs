using System.ComponentModel.DataAnnotations;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>What the scenario does.</summary>
internal sealed record UdpSettings
{
    [Flag("Tunnels at once, on one connection."), Range(1, 1_000)]
    public int Tunnels { get; init; } = 4;

    [Flag("Datagrams of each tunnel on their way at once."), Range(1, 1_000)]
    public int Window { get; init; } = 32;

    [Flag("Bytes of a datagram."), Range(1, 9_000)]
    public int Size { get; init; } = 1_200;

    [Flag("How long it measures."), Range(0.1, 600)]
    public double Seconds { get; init; } = 10;
}
