using System.Net.Sockets;
using System.Security.Authentication;

namespace PrivacyRelay.Upstream;

/// <summary>A way to ask one proxy for tunnels: a version of HTTP.</summary>
internal interface IHopProtocol : IAsyncDisposable
{
    /// <summary>Asks once.</summary>
    /// <param name="kind">What kind of tunnel; one for UDP carries capsules.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="authorization">What pays for it; marked as sent once it may have been.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>The answer; null when there is none yet, but asking again takes another way.</returns>
    /// <exception cref="TunnelException">There was no answer in HTTP, or the proxy before this one does not let us through.</exception>
    /// <exception cref="SocketException">The proxy cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="AuthenticationException">The proxy's certificate is not trusted.</exception>
    ValueTask<HopAnswer?> AskAsync(TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken);
}
