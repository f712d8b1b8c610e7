using PrivacyProxy.Requests;
using System.Net;

namespace PrivacyProxy.Tests.Egress.Policy;

public sealed class EgressPolicyTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.0.0.1")]
    [InlineData("0.255.255.255")]
    [InlineData("10.0.0.0")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.0")]
    [InlineData("100.127.255.255")]
    [InlineData("100.100.100.200")]
    [InlineData("127.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.255.255")]
    [InlineData("172.16.0.0")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.0")]
    [InlineData("192.0.0.255")]
    [InlineData("192.0.2.0")]
    [InlineData("192.0.2.255")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.0.0")]
    [InlineData("192.168.255.255")]
    [InlineData("198.18.0.0")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.0")]
    [InlineData("198.51.100.255")]
    [InlineData("203.0.113.0")]
    [InlineData("203.0.113.255")]
    [InlineData("224.0.0.0")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.0")]
    [InlineData("255.255.255.254")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::8.8.8.8")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:0:8.8.8.8")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::")]
    [InlineData("64:ff9b:1::808:808")]
    [InlineData("64:ff9b:1:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("100::1")]
    [InlineData("2001:0:7f00:1::")]
    [InlineData("2001:0:808:808:0:0:80ff:fffe")] // Teredo, client 127.0.0.1
    [InlineData("2001:2::1")]
    [InlineData("2001:10::1")]
    [InlineData("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::")]
    [InlineData("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:c0a8:101::1")]
    [InlineData("3fff::1")]
    [InlineData("3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("4000::")]
    [InlineData("5f00::1")]
    [InlineData("fc00::")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%3")]
    [InlineData("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fec0::1")]
    [InlineData("ff00::")]
    [InlineData("ff02::1")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void Special_addresses_are_refused(string address) =>
        Assert.False(EgressSetup.Policy().Permits(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.0.0.0")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("192.0.3.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("198.51.101.0")]
    [InlineData("203.0.112.255")]
    [InlineData("203.0.114.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2000::")]
    [InlineData("2001:200::")]
    [InlineData("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db9::")]
    [InlineData("2002:808:808::1")]
    [InlineData("2001:0:808:808:0:0:f7f7:f7f7")] // Teredo, server and client 8.8.8.8
    [InlineData("2606:4700::1111")]
    [InlineData("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("3fff:1000::")]
    public void Public_addresses_and_the_neighbours_of_special_ranges_are_permitted(string address) =>
        Assert.True(EgressSetup.Policy().Permits(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("192.168.1.1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("fd12::1", true)]
    [InlineData("8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("169.254.1.1", false)]
    [InlineData("64:ff9b::10.0.0.1", false)]
    [InlineData("2002:7f00:1::", false)]
    public void AllowPrivate_opens_loopback_and_private_space_and_nothing_else(string address, bool permitted) =>
        Assert.Equal(permitted, EgressSetup.Policy(options => options.AllowPrivate = true).Permits(IPAddress.Parse(address)));

    [Theory]
    [InlineData("93.184.215.14")]
    [InlineData("::ffff:93.184.215.14")]
    [InlineData("64:ff9b::93.184.215.14")]
    [InlineData("2002:5db8:d70e::")]
    [InlineData("2a00::7")]
    public void Own_addresses_are_refused_however_written(string address)
    {
        var policy = EgressSetup.Policy(null, IPAddress.Parse("93.184.215.14"), IPAddress.Parse("2a00::7"));
        Assert.False(policy.Permits(IPAddress.Parse(address)));
    }

    [Fact]
    public void Own_addresses_are_permitted_with_AllowPrivate() =>
        Assert.True(EgressSetup.Policy(options => options.AllowPrivate = true, IPAddress.Parse("192.0.2.2")).Permits(IPAddress.Parse("192.0.2.2")));

    [Theory]
    [InlineData("8.8.8.8", false)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("64:ff9b::8.8.8.8", false)]
    [InlineData("2002:808:808::", false)]
    [InlineData("8.8.4.4", true)]
    [InlineData("10.9.0.1", true)] // allowed
    [InlineData("10.9.1.1", false)] // allowed and denied
    [InlineData("10.8.0.1", false)]
    [InlineData("169.254.5.5", true)]
    [InlineData("224.0.0.5", false)] // allowing has no effect on multicast
    public void Deny_is_stronger_than_Allow_which_is_stronger_than_the_built_in_rules(string address, bool permitted)
    {
        var policy = EgressSetup.Policy(options =>
        {
            options.Deny = ["8.8.8.8", "10.9.1.0/24"];
            options.Allow = ["10.9.0.0/16", "169.254.5.0/24", "224.0.0.0/4"];
        });
        Assert.Equal(permitted, policy.Permits(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("443,80", 443, true)]
    [InlineData("443,80", 80, true)]
    [InlineData("443,80", 22, false)]
    [InlineData(" 8443 , 1 ", 8443, true)]
    [InlineData("any", 25, true)]
    [InlineData("any", 65535, true)]
    [InlineData("any", 0, false)]
    [InlineData("any", 65536, false)]
    public void Ports_are_those_allowed(string allowed, int port, bool permitted) =>
        Assert.Equal(permitted, EgressSetup.Policy(options => options.AllowedPorts = allowed).Permits(new TunnelTarget("origin.example", null, port), out _));
}
