using System.Net.Sockets;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>A connected socket (TCP_NODELAY set), or the RFC 9209 error that says why there is none.</summary>
/// <param name="Socket">Yours to dispose; null on failure.</param>
/// <param name="Error"><see cref="ProxyStatusError.None"/> on success.</param>
/// <param name="Rcode">With <see cref="ProxyStatusError.DnsError"/>: the response code for the <c>rcode</c> parameter (RFC 9209, section 2.3.2), such as NXDOMAIN.</param>
internal readonly record struct EgressConnection(Socket? Socket, ProxyStatusError Error, string? Rcode = null)
{
    /// <summary>
    /// Over UDP, which says nothing of whether anybody is there: a socket to the next permitted address, null when there is none left.
    /// Itself null where there is only one. Not for use by several threads at once.
    /// </summary>
    public Func<Socket?>? Next { get; init; }

    public static EgressConnection Failed(ProxyStatusError error, string? rcode = null) => new(null, error, rcode);
}
