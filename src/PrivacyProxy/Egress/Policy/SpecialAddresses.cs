using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Policy;

/// <summary>The special-purpose address space (IANA registries, RFC 6890), each part with its kind.</summary>
internal static class SpecialAddresses
{
    // Order matters: the first that contains the address decides.
    private static readonly (AddressPrefix Prefix, AddressKind Kind)[] _ranges =
    [
        // Cloud metadata: AWS, GCP, Azure and others; AWS container credentials; Alibaba; Oracle; Azure host.
        Range("169.254.169.254/32", AddressKind.Metadata),
        Range("169.254.170.2/32", AddressKind.Metadata),
        Range("169.254.170.23/32", AddressKind.Metadata),
        Range("100.100.100.200/32", AddressKind.Metadata),
        Range("192.0.0.192/32", AddressKind.Metadata),
        Range("168.63.129.16/32", AddressKind.Metadata),
        Range("fd00:ec2::/32", AddressKind.Metadata),
        Range("fd20:ce::254/128", AddressKind.Metadata),

        Range("0.0.0.0/32", AddressKind.Unspecified),
        Range("0.0.0.0/8", AddressKind.Reserved),
        Range("10.0.0.0/8", AddressKind.Private),
        Range("100.64.0.0/10", AddressKind.Shared),
        Range("127.0.0.0/8", AddressKind.Loopback),
        Range("169.254.0.0/16", AddressKind.LinkLocal),
        Range("172.16.0.0/12", AddressKind.Private),
        Range("192.0.0.0/24", AddressKind.Reserved),
        Range("192.0.2.0/24", AddressKind.Documentation),
        Range("192.88.99.0/24", AddressKind.Reserved), // retired 6to4 relays (RFC 7526)
        Range("192.168.0.0/16", AddressKind.Private),
        Range("198.18.0.0/15", AddressKind.Benchmark),
        Range("198.51.100.0/24", AddressKind.Documentation),
        Range("203.0.113.0/24", AddressKind.Documentation),
        Range("224.0.0.0/4", AddressKind.Multicast),
        Range("255.255.255.255/32", AddressKind.Broadcast),
        Range("240.0.0.0/4", AddressKind.Reserved),
        Range("::ffff:0:0/96", AddressKind.Public), // the rest of IPv4

        Range("::/128", AddressKind.Unspecified),
        Range("::1/128", AddressKind.Loopback),
        Range("64:ff9b::/96", AddressKind.Public), // NAT64: as good as the IPv4 address inside, see EmbeddedIPv4
        Range("fc00::/7", AddressKind.UniqueLocal),
        Range("fe80::/10", AddressKind.LinkLocal),
        Range("ff00::/8", AddressKind.Multicast),
        Range("2001::/32", AddressKind.Public), // Teredo: likewise
        Range("2001:2::/48", AddressKind.Benchmark),
        Range("2001::/23", AddressKind.Reserved),
        Range("2001:db8::/32", AddressKind.Documentation),
        Range("3fff::/20", AddressKind.Documentation),
        Range("2000::/3", AddressKind.Public),
        // IPv4-compatible ::/96, local NAT64 64:ff9b:1::/48, discard 100::/64, SRv6 5f00::/16, site-local fec0::/10, unassigned.
        Range("::/0", AddressKind.Reserved),
    ];

    public static AddressKind KindOf(UInt128 address)
    {
        foreach (var (prefix, kind) in _ranges)
        {
            if (prefix.Contains(address)) return kind;
        }

        return AddressKind.Reserved;
    }

    private static (AddressPrefix Prefix, AddressKind Kind) Range(string prefix, AddressKind kind) => (AddressPrefix.Parse(prefix), kind);
}
