using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Masque.Templates;

namespace Masque.Tests.Templates;

public sealed class TargetTemplateTests
{
    private static readonly string[] _templates =
    [
        MasqueTemplates.DefaultUdp,
        MasqueTemplates.DefaultTcp,
        "/masque?h={target_host}&p={target_port}",
        "/masque{?target_host,target_port}",
        "/masque?x=1{&target_port,target_host}",
        "/p/{target_port}/{target_host}",
        "/{target_host,target_port}",
    ];

    public static TheoryData<string> Templates => new(_templates);

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_target_expanded_is_matched_again(string text)
    {
        var template = Parse(text);
        foreach (var host in new[] { "example.com", "192.0.2.1", "2001:db8::1", "xn--bcher-kva.example" })
        {
            Assert.True(template.TryMatch(template.Expand(host, 443), out var matchedHost, out var port));
            Assert.Equal(host, matchedHost);
            Assert.Equal("443", port);
        }
    }

    [Fact]
    public void Colons_of_ipv6_are_percent_encoded()
    {
        var template = Parse(MasqueTemplates.DefaultUdp);
        Assert.Equal("/.well-known/masque/udp/2001%3ADB8%3A%3A42/443/", template.Expand("2001:DB8::42", 443));
        Assert.True(template.TryMatch("/.well-known/masque/udp/2001%3adb8%3A%3a42/443/", out var host, out _));
        Assert.Equal("2001:db8::42", host);
    }

    [Fact]
    public void A_query_expression_expands_as_rfc_6570_says()
    {
        Assert.True(TargetTemplate.TryParse("/masque{?target_host,target_port}", out var template));
        Assert.Equal("/masque?target_host=192.0.2.6&target_port=443", template.Expand("192.0.2.6", 443));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("masque/{target_host}/{target_port}")]
    [InlineData("/masque/{target_host}/")]
    [InlineData("/masque/{target_port}/")]
    [InlineData("/masque/{target_host}{target_port}/")]
    [InlineData("/masque/{target_host}x{target_port}/")]
    [InlineData("/masque/{target_host}/{target_port}/{target_host}/")]
    [InlineData("/masque/{+target_host}/{target_port}/")]
    [InlineData("/masque/{#target_host}/{target_port}/")]
    [InlineData("/masque/{.target_host}/{target_port}/")]
    [InlineData("/masque{/target_host,target_port}")]
    [InlineData("/masque{;target_host,target_port}")]
    [InlineData("/masque/{target_host:3}/{target_port}/")]
    [InlineData("/masque/{target_host*}/{target_port}/")]
    [InlineData("/masque/{target_host}/{target_port}/{other}")]
    [InlineData("/masque/{target_host}/{target_port")]
    [InlineData("/masque/target_host}/{target_port}/")]
    [InlineData("/masque/{}/{target_host}/{target_port}/")]
    [InlineData("/masque/{target_host}/{target_port}/#x")]
    [InlineData("/m sque/{target_host}/{target_port}/")]
    [InlineData("/mäsque/{target_host}/{target_port}/")]
    public void Templates_that_rfc_9298_rules_out_are_refused(string? text) => Assert.False(TargetTemplate.TryParse(text, out _));

    [Theory]
    [InlineData("/.well-known/masque/udp/example.com/443")]
    [InlineData("/.well-known/masque/udp/example.com/")]
    [InlineData("/.well-known/masque/udp/example.com/443/x")]
    [InlineData("/.well-known/masque/tcp/example.com/443/")]
    [InlineData("/.well-known/masque/udp/exa/mple.com/443/")]
    [InlineData("/.well-known/masque/udp/example.com/443/?x=1")]
    public void Paths_not_made_from_the_template_do_not_match(string path)
    {
        var template = Parse(MasqueTemplates.DefaultUdp);
        Assert.False(template.TryMatch(path, out _, out _));
    }

    [Theory]
    [InlineData("2001:db8::1")]
    [InlineData("[2001%3Adb8%3A%3A1]")]
    [InlineData("user@example.com")]
    [InlineData("exa%2")]
    [InlineData("exa%zz")]
    [InlineData("ex%c3%a4mple")]
    public void A_value_that_no_client_expands_is_told_from_a_path_of_something_else(string host)
    {
        var template = Parse(MasqueTemplates.DefaultUdp);
        Assert.True(template.TryMatch($"/.well-known/masque/udp/{host}/443/", out var matched, out var port));
        Assert.Equal((null, "443"), (matched, port));
    }

    [Fact]
    public void Values_are_handed_over_for_the_target_parser_to_judge()
    {
        var template = Parse(MasqueTemplates.DefaultUdp);
        Assert.True(template.TryMatch("/.well-known/masque/udp/fe80%3A%3A1%25eth0/65536/", out var host, out var port));
        Assert.Equal("fe80::1%eth0", host);
        Assert.Equal("65536", port);
        Assert.True(template.TryMatch("/.well-known/masque/udp///", out host, out port));
        Assert.Equal(("", ""), (host, port));
    }

    [Property]
    public Property No_text_makes_parser_or_matcher_throw() => Prop.ForAll<string>(static text =>
    {
        foreach (var template in _templates.Select(Parse))
        {
            if (template.TryMatch("/.well-known/masque/udp/" + text, out var host, out var port) && $"{host}{port}".Any(static c => c > '~')) return false;
        }

        return !TargetTemplate.TryParse("/{target_host}/{target_port}" + text, out var parsed) || parsed.ToString().EndsWith(text ?? "", StringComparison.Ordinal);
    });

    [Property]
    public Property A_name_of_any_printable_characters_comes_back() => Prop.ForAll(
        Gen.Choose(0x21, 0x7e).Select(static c => (char)c).ArrayOf().ToArbitrary(), static characters =>
        {
            var template = Parse(MasqueTemplates.DefaultTcp);
            var name = new string(characters);
            return template.TryMatch(template.Expand(name, 1), out var host, out var port) && string.Equals(host, name, StringComparison.Ordinal) && port is "1";
        });

    private static TargetTemplate Parse(string text) =>
        TargetTemplate.TryParse(text, out var template) ? template : throw new FormatException(text);
}
