using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyRelay.Socks5;
using PrivacyRelay.Socks5.Udp;

namespace PrivacyRelay.Tests.Socks5.Udp;

public sealed class Socks5DatagramTests
{
    private static Gen<byte[]> Addresses { get; } =
        from type in Gen.Elements<byte>(1, 3, 4)
        from name in ArbMap.Default.GeneratorFor<byte>()
        from rest in ArbMap.Default.GeneratorFor<byte>().ArrayOf((type switch { 1 => 4, 4 => 16, _ => name }) + 2)
        select (byte[])(type == 3 ? [type, name, .. rest] : [type, .. rest]);

    [Theory]
    [InlineData("000000" + "01c0000201" + "0035" + "aabb", "192.0.2.1:53", "aabb")]
    [InlineData("000000" + "0420010db8000000000000000000000001" + "01bb" + "", "[2001:db8::1]:443", "")]
    [InlineData("000000" + "030b646e732e6578616d706c65" + "0035" + "00", "dns.example:53", "00")]
    public void The_three_kinds_of_address_are_read(string hex, string authority, string payload)
    {
        Assert.True(Socks5Datagram.TryRead(Convert.FromHexString(hex), out var datagram));
        Assert.Equal(authority, Socks5Address.ReadDestination(datagram.Address.Span)?.Authority);
        Assert.Equal(payload, Convert.ToHexStringLower(datagram.Payload.Span));
    }

    [Property]
    public Property Whatever_is_written_is_read_back() => Prop.ForAll(
        Addresses.ToArbitrary(),
        ArbMap.Default.ArbFor<byte[]>(),
        static (address, payload) =>
        {
            var bytes = new byte[Socks5Datagram.MaxHeaderLength];
            var header = Socks5Datagram.WriteHeader(bytes, address);
            return Socks5Datagram.TryRead((byte[])[.. bytes[..header], .. payload], out var datagram)
                && datagram.Address.Span.SequenceEqual(address) && datagram.Payload.Span.SequenceEqual(payload);
        });

    [Property]
    public Property A_header_cut_short_anywhere_is_malformed() => Prop.ForAll(
        Addresses.ToArbitrary(),
        static address => Enumerable.Range(0, 3 + address.Length).All(length => !Socks5Datagram.TryRead(((byte[])[0, 0, 0, .. address]).AsMemory(0, length), out _)));

    [Theory]
    [InlineData("000001" + "01c00002010035" + "aa")] // the first fragment
    [InlineData("000082" + "01c00002010035" + "aa")] // the last of two
    [InlineData("010000" + "01c00002010035" + "aa")] // reserved
    [InlineData("000100" + "01c00002010035" + "aa")]
    [InlineData("000000" + "00c00002010035" + "aa")] // no such address type
    [InlineData("000000" + "02c00002010035" + "aa")]
    [InlineData("000000" + "05c00002010035" + "aa")]
    [InlineData("000000" + "ffc00002010035" + "aa")]
    public void Fragments_reserved_bits_and_unknown_address_types_are_dropped(string hex) =>
        Assert.False(Socks5Datagram.TryRead(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("01c00002010000")] // port 0
    [InlineData("03000035")] // an empty name
    [InlineData("0303610a620035")] // a line feed in it
    [InlineData("0303610062" + "0035")] // a NUL
    [InlineData("0303c3a974" + "0035")] // not ASCII
    [InlineData("0303612e2e" + "0035")] // empty labels
    public void An_address_where_nothing_can_be_leads_nowhere(string hex) =>
        Assert.Null(Socks5Address.ReadDestination(Convert.FromHexString(hex)));

    [Property]
    public Property No_bytes_throw() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), static bytes =>
    {
        if (Socks5Datagram.TryRead((byte[])[0, 0, 0, .. bytes], out var datagram)) Socks5Address.ReadDestination(datagram.Address.Span);
        Socks5Datagram.TryRead(bytes, out _);
    });
}
