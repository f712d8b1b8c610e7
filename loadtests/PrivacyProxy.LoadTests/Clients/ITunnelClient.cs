using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>Opens tunnels through one proxy over one version of HTTP; for any number of callers at a time.</summary>
internal interface ITunnelClient : IAsyncDisposable
{
    /// <summary>Asks for a tunnel and waits for the answer.</summary>
    /// <param name="target">HOST:PORT of the destination.</param>
    /// <param name="credential">The value of Proxy-Authorization; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The proxy refused it, or it broke; the message says how, without the destination.</exception>
    /// <exception cref="SocketException">A connection broke.</exception>
    ValueTask<ClientTunnel> OpenAsync(string target, string? credential, CancellationToken cancellationToken);
}
