namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>One caller that opens tunnels one after the other.</summary>
internal interface ITunnelDriver
{
    /// <summary>Opens a tunnel, echoes a byte through it and closes it; the time from the request sent to the answer, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    /// <exception cref="IOException">The proxy refused it, or it broke; the message says how, without the destination.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">A connection broke.</exception>
    ValueTask<long> RunAsync(string credential, CancellationToken cancellationToken);
}
