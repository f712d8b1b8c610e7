namespace PrivacyProxy.LoadTests.Udp;

/// <summary>What the scenario does.</summary>
/// <param name="Tunnels">Tunnels at once, all on one connection.</param>
/// <param name="Window">Datagrams of each on their way at once.</param>
/// <param name="Size">Bytes of a datagram.</param>
/// <param name="Duration">How long it measures.</param>
internal sealed record UdpSettings(int Tunnels, int Window, int Size, TimeSpan Duration);
