using System.Net;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Tunnels;

public class TunnelTargetParserTests
{
    [Theory]
    [InlineData("example.com:443", "example.com", 443)]
    [InlineData("EXAMPLE.Com.:443", "example.com", 443)]
    [InlineData("_dmarc.a-b.example:1", "_dmarc.a-b.example", 1)]
    [InlineData("localhost:65535", "localhost", 65535)]
    [InlineData("xn--nxasmq6b:80", "xn--nxasmq6b", 80)]
    [InlineData("1.2.3.example:80", "1.2.3.example", 80)]
    [InlineData("0xyz.0xg:80", "0xyz.0xg", 80)]
    [InlineData("-a.test:443", "-a.test", 443)]
    [InlineData("api-.test:443", "api-.test", 443)]
    [InlineData("a.-:443", "a.-", 443)]
    [InlineData("--.--:443", "--.--", 443)]
    [InlineData("*.a+b~c.test:443", "*.a+b~c.test", 443)]
    public void A_name_is_lower_cased_and_loses_its_trailing_dot(string authority, string host, int port)
    {
        Assert.Equal(TunnelTargetError.None, TunnelTargetParser.TryParse(authority, out var target));
        Assert.Equal(new TunnelTarget(host, null, port), target);
    }

    [Theory]
    [InlineData("192.0.2.1:443", "192.0.2.1")]
    [InlineData("0.0.0.0:443", "0.0.0.0")]
    [InlineData("255.255.255.255:443", "255.255.255.255")]
    [InlineData("[::1]:443", "::1")]
    [InlineData("[2001:DB8:0:0::1]:443", "2001:db8::1")]
    [InlineData("[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1")]
    public void An_address_literal_is_an_address(string authority, string host)
    {
        Assert.Equal(TunnelTargetError.None, TunnelTargetParser.TryParse(authority, out var target));
        Assert.Equal(new TunnelTarget(host, IPAddress.Parse(host), 443), target);
    }

    [Theory]
    [InlineData("", nameof(TunnelTargetError.EmptyHost))]
    [InlineData(":443", nameof(TunnelTargetError.EmptyHost))]
    [InlineData("example.com", nameof(TunnelTargetError.MissingPort))]
    [InlineData("[::1]", nameof(TunnelTargetError.MissingPort))]
    [InlineData("example.com:", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:0", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:0443", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:65536", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:99999999999", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:+443", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:-1", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com: 443", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:443/", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:443:443", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("example.com:٤٤٣", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("::1:443", nameof(TunnelTargetError.EmptyHost))]
    [InlineData("2001:db8::1:443", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("user@example.com:443", nameof(TunnelTargetError.Userinfo))]
    [InlineData("user:secret@example.com:443", nameof(TunnelTargetError.Userinfo))]
    [InlineData("exa mple.com:443", nameof(TunnelTargetError.InvalidCharacter))]
    [InlineData("example.com\t:443", nameof(TunnelTargetError.InvalidCharacter))]
    [InlineData("example\0.com:443", nameof(TunnelTargetError.InvalidCharacter))]
    [InlineData("example%2ecom:443", nameof(TunnelTargetError.InvalidCharacter))]
    [InlineData("http://example.com:443", nameof(TunnelTargetError.InvalidPort))]
    [InlineData("/path:443", nameof(TunnelTargetError.InvalidCharacter))]
    [InlineData("bücher.example:443", nameof(TunnelTargetError.InvalidCharacter))]
    [InlineData("[fe80::1%eth0]:443", nameof(TunnelTargetError.InvalidIPv6))]
    [InlineData("[::1:443", nameof(TunnelTargetError.InvalidIPv6))]
    [InlineData("[::1]x:443", nameof(TunnelTargetError.InvalidIPv6))]
    [InlineData("[192.0.2.1]:443", nameof(TunnelTargetError.InvalidIPv6))]
    [InlineData("[]:443", nameof(TunnelTargetError.InvalidIPv6))]
    [InlineData("[::1/64]:443", nameof(TunnelTargetError.InvalidIPv6))]
    [InlineData("[1:2:3:4:5:6:7:8:9]:443", nameof(TunnelTargetError.InvalidIPv6))]
    [InlineData("0x7f.1:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("127.1:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("010.0.0.1:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("0x7f000001:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("2130706433:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("127.0.0.0x1:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("1.2.3.4.5:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("256.0.0.1:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("foo.1:443", nameof(TunnelTargetError.InvalidIPv4))]
    [InlineData("1.2.3.4.:443", nameof(TunnelTargetError.None))]
    [InlineData(".:443", nameof(TunnelTargetError.InvalidName))]
    [InlineData(".example:443", nameof(TunnelTargetError.InvalidName))]
    [InlineData("a..b:443", nameof(TunnelTargetError.InvalidName))]
    [InlineData("example..:443", nameof(TunnelTargetError.InvalidName))]
    public void What_is_wrong_is_named(string authority, string expected)
    {
        Assert.Equal(expected, TunnelTargetParser.TryParse(authority, out var target).ToString());
        Assert.Equal(expected == nameof(TunnelTargetError.None), target is not null);
    }

    [Theory]
    [InlineData(63, 253, true)]
    [InlineData(64, 253, false)]
    [InlineData(63, 254, false)]
    public void Labels_have_at_most_63_characters_and_names_253(int label, int total, bool valid)
    {
        var name = new string('a', label) + "." + string.Concat(Enumerable.Repeat("b.", 200));
        name = name[..total];
        if (name[^1] == '.') name = name[..^1] + "c";
        Assert.Equal(valid, TunnelTargetParser.TryParse(name + ":443", out _) == TunnelTargetError.None);
    }

    [Property]
    public Property No_text_makes_it_throw_and_what_it_accepts_reads_the_same_again()
    {
        const string Likely = "aZ09-_.:[]%@ xX\0/é";
        var text = ArbMap.Default.ArbFor<string>().Generator.Select(t => t ?? "")
            .Or(Gen.Elements(Likely.ToCharArray()).ArrayOf().Select(c => new string(c)))
            .Or(Gen.Elements(Likely.ToCharArray()).ArrayOf().Select(c => new string(c) + ":443"));
        return Prop.ForAll(text.ToArbitrary(), static authority =>
        {
            if (TunnelTargetParser.TryParse(authority, out var target) != TunnelTargetError.None) return target is null;
            var again = target!.Address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{target.Host}]:{target.Port}" : $"{target.Host}:{target.Port}";
            return TunnelTargetParser.TryParse(again, out var second) == TunnelTargetError.None && second == target
                && target.Port is >= 1 and <= 65535 && target.Host.Length is >= 1 and <= 253;
        });
    }
}
