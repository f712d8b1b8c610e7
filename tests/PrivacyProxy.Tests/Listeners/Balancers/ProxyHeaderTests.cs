using System.Text;
using PrivacyProxy.Listeners.Balancers;

namespace PrivacyProxy.Tests.Listeners.Balancers;

/// <summary>The PROXY header, both versions, whole and in parts, and everything that is none.</summary>
public sealed class ProxyHeaderTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    [Theory]
    [InlineData("PROXY TCP4 198.51.100.1 203.0.113.2 56324 443\r\n", "198.51.100.1:56324")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n", "[2001:db8::1]:0")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", null)]
    public void Version_1_is_read_whole_and_any_part_of_it_waits_for_more(string text, string? source) => Reads(Encoding.Latin1.GetBytes(text), source);

    [Theory]
    [InlineData("21" + "11" + "000C" + "C6336401" + "CB007102" + "DC04" + "01BB", "198.51.100.1:56324")]
    [InlineData("21" + "21" + "0024" + "20010DB8000000000000000000000001" + "20010DB8000000000000000000000002" + "0001" + "01BB", "[2001:db8::1]:1")]
    [InlineData("21" + "11" + "0010" + "C6336401" + "CB007102" + "DC04" + "01BB" + "04000100", "198.51.100.1:56324")] // with a TLV
    [InlineData("20" + "00" + "0000", null)] // LOCAL
    [InlineData("20" + "11" + "000C" + "C6336401" + "CB007102" + "DC04" + "01BB", null)] // LOCAL, addresses ignored
    [InlineData("21" + "00" + "0000", null)] // unspecified
    public void Version_2_is_read_whole_and_any_part_of_it_waits_for_more(string rest, string? source) => Reads(Convert.FromHexString(Signature + rest), source);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("CONNECT a:443 HTTP/1.1\r\n")]
    [InlineData("PROXY\r\n")]
    [InlineData("PROXYTCP4 1.2.3.4 1.2.3.4 1 1\r\n")]
    [InlineData("proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n")]
    [InlineData("PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n")]
    [InlineData("PROXY TCP4 2001:db8::1 1.2.3.4 1 1\r\n")]
    [InlineData("PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n")]
    [InlineData("PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n")]
    [InlineData("PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n")]
    public void A_text_that_is_no_header_is_malformed(string text) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(Encoding.Latin1.GetBytes(text), out _, out _));

    [Fact]
    public void A_text_over_107_bytes_is_malformed_with_its_end_or_without()
    {
        var text = "PROXY UNKNOWN " + new string('f', 100);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(Encoding.Latin1.GetBytes(text), out _, out _));
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(Encoding.Latin1.GetBytes(text + "\r\n"), out _, out _));
    }

    [Theory]
    [InlineData("11" + "11" + "000C" + "C6336401" + "CB007102" + "DC04" + "01BB")] // version 1
    [InlineData("22" + "11" + "000C" + "C6336401" + "CB007102" + "DC04" + "01BB")] // an unknown command
    [InlineData("21" + "12" + "000C" + "C6336401" + "CB007102" + "DC04" + "01BB")] // UDP
    [InlineData("21" + "31" + "000C" + "C6336401" + "CB007102" + "DC04" + "01BB")] // a local socket
    [InlineData("21" + "11" + "000B" + "C6336401" + "CB007102" + "DC04" + "01")] // too short for its addresses
    [InlineData("21" + "11" + "FFFF")] // too long
    public void Bytes_that_are_no_header_of_version_2_are_malformed(string rest) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(Convert.FromHexString(Signature + rest), out _, out _));

    private static void Reads(byte[] header, string? source)
    {
        // What follows is not the header's.
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.Read([.. header, 0x16, 3, 1], out var length, out var read));
        Assert.Equal((header.Length, source), (length, read?.ToString()));
        for (var part = 1; part < header.Length; part++)
            Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyHeader.Read(header.AsSpan(0, part), out _, out _));
    }
}
