using System.Buffers.Binary;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace PrivacyProxy.Tests.Egress.Policy;

public sealed class EgressPolicyProperties
{
    private static readonly IPNetwork[] _forbidden =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    [Property]
    public Property A_forbidden_IPv4_address_is_refused_however_it_is_written()
    {
        var policy = EgressSetup.Policy();
        return Prop.ForAll<uint>(random => _forbidden.All(network =>
            Spellings(Within(network, random)).All(address => !policy.Permits(address))));
    }

    [Property]
    public Property Every_spelling_of_an_IPv4_address_but_the_compatible_one_is_judged_as_the_address()
    {
        var policy = EgressSetup.Policy();
        return Prop.ForAll<uint>(random =>
        {
            var permitted = policy.Permits(ToAddress(random));
            return Spellings(random).SkipLast(1).All(address => policy.Permits(address) == permitted);
        });
    }

    [Property]
    public Property IPv6_outside_global_unicast_and_NAT64_is_refused()
    {
        var policy = EgressSetup.Policy();
        return Prop.ForAll<byte, ulong, ulong>((first, high, low) =>
        {
            var bytes = new byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), low);
            bytes[0] = (byte)((first | 1) & ~0x20); // odd, hence neither mapped nor NAT64 (00...), and outside 2000::/3
            if ((bytes[0] & 0xe0) == 0x20) return false;
            return !policy.Permits(new IPAddress(bytes));
        });
    }

    private static uint Within(IPNetwork network, uint random)
    {
        var mask = uint.MaxValue << (32 - network.PrefixLength);
        return (BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes()) & mask) | (random & ~mask);
    }

    private static IPAddress ToAddress(uint address)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes);
    }

    /// <summary>Plain, mapped, NAT64, 6to4, Teredo server and client; last the IPv4-compatible one, which is always refused.</summary>
    private static IEnumerable<IPAddress> Spellings(uint address)
    {
        var plain = ToAddress(address);
        var inverted = ToAddress(~address);
        const string server = "0808:0808"; // a harmless Teredo server
        yield return plain;
        yield return IPAddress.Parse($"::ffff:{plain}");
        yield return IPAddress.Parse($"64:ff9b::{plain}");
        yield return IPAddress.Parse($"2002:{address >> 16:x}:{address & 0xffff:x}::1");
        yield return IPAddress.Parse($"2001:0:{address >> 16:x}:{address & 0xffff:x}:0:0:f7f7:f7f7");
        yield return IPAddress.Parse($"2001:0:{server}:0:0:{inverted}");
        yield return IPAddress.Parse($"0:0:0:0:0:0:{plain}");
    }
}
