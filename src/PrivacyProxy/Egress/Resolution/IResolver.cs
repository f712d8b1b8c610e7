using System.Net.Sockets;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Finds the addresses of a name, one family at a time. The answer is not yet checked against the policy.</summary>
internal interface IResolver
{
    /// <summary>Completes at once when the answer is known; failures are values, only cancellation throws.</summary>
    /// <param name="name">A name as in the host of a target: ASCII, lower case, no trailing dot.</param>
    /// <param name="family"><see cref="AddressFamily.InterNetwork"/> or <see cref="AddressFamily.InterNetworkV6"/>.</param>
    /// <param name="cancellationToken">Ends the waiting; a query that others wait for goes on.</param>
    ValueTask<AddressAnswer> ResolveAsync(string name, AddressFamily family, CancellationToken cancellationToken);
}
