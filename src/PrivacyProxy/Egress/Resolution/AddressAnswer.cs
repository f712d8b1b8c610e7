using System.Net;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>The addresses of a name in one family (none is an answer too), or why they are not known.</summary>
internal sealed class AddressAnswer
{
    public static readonly AddressAnswer Empty = new([], ProxyStatusError.None, DnsRcode.Name(DnsRcode.NoError));
    public static readonly AddressAnswer NoSuchName = Failed(DnsRcode.NameError);
    public static readonly AddressAnswer Timeout = new([], ProxyStatusError.DnsTimeout, null);

    private AddressAnswer(IPAddress[] addresses, ProxyStatusError error, string? rcode) =>
        (Addresses, Error, Rcode) = (addresses, error, rcode);

    /// <summary>In the order of the answer; do not change.</summary>
    public IPAddress[] Addresses { get; }

    /// <summary>
    /// <see cref="ProxyStatusError.DnsError"/> for NXDOMAIN too: RFC 9209 (section 2.3.3) keeps
    /// destination_not_found for gateways that have no next hop configured.
    /// </summary>
    public ProxyStatusError Error { get; }

    /// <summary>The DNS response code for the <c>rcode</c> parameter (RFC 9209, section 2.3.2), if a server gave one.</summary>
    public string? Rcode { get; }

    public static AddressAnswer Of(IPAddress[] addresses) =>
        addresses.Length == 0 ? Empty : new(addresses, ProxyStatusError.None, null);

    public static AddressAnswer Failed(int rcode) => new([], ProxyStatusError.DnsError, DnsRcode.Name(rcode));
}
