using System.Net.Sockets;
using PrivacyProxy.Requests;
using Tunneling.Loops;

namespace PrivacyProxy.Egress;

/// <summary>A connected socket (TCP_NODELAY set), or the RFC 9209 error that says why there is none.</summary>
/// <param name="Socket">Yours to dispose; null on failure.</param>
/// <param name="Error"><see cref="ProxyStatusError.None"/> on success.</param>
/// <param name="Rcode">With <see cref="ProxyStatusError.DnsError"/>: the response code for the <c>rcode</c> parameter (RFC 9209, section 2.3.2), such as NXDOMAIN.</param>
internal readonly record struct EgressConnection(Socket? Socket, ProxyStatusError Error, string? Rcode = null) : IDisposable
{
    /// <summary>
    /// Over UDP, which says nothing of whether anybody is there: a socket to the next permitted address, null when there is none left.
    /// Itself null where there is only one. Not for use by several threads at once.
    /// </summary>
    public Func<Socket?>? Next { get; init; }

    /// <summary>Instead of a socket, the connection on the loop of the request; yours to close.</summary>
    public OutgoingChannel? Channel { get; init; }

    public bool IsConnected => Socket is not null || Channel is not null;

    /// <summary>Of the connection; unknown when there is none.</summary>
    public AddressFamily Family => Socket?.AddressFamily ?? (Channel is null ? AddressFamily.Unspecified : Channel.Family);

    /// <summary>Closes what is still open.</summary>
    public void Dispose()
    {
        Socket?.Dispose();
        Channel?.Close();
    }

    public static EgressConnection Failed(ProxyStatusError error, string? rcode = null) => new(null, error, rcode);
}
