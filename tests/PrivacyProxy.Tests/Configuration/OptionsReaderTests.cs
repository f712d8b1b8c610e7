using Microsoft.Extensions.Configuration;
using PrivacyProxy.Commands.Serve;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;

namespace PrivacyProxy.Tests.Configuration;

public sealed class OptionsReaderTests
{
    private static ProxyOptions Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read<ProxyOptions>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Append(("Authentication:Required", "false")).ToDictionary(pair => $"PrivacyProxy:{pair.Item1}", pair => (string?)pair.Item2))
            .Build().GetSection("PrivacyProxy"));

    [Theory]
    [InlineData("Tunnels:IdleTimeout", "soon", "duration")]
    [InlineData("Tunnels:IdleTimeout", "30", "duration")]
    [InlineData("Tunnels:IdleTimeout", "-00:00:01", "00:00:01")]
    [InlineData("Tunnels:MaxTunnels", "many", "number")]
    [InlineData("Tunnels:MaxTunnels", "0", "1")]
    [InlineData("Drain:Timeout", "2.00:00:00", "1.00:00:00")]
    [InlineData("SpentTokens:Store", "Redis", "Memory, Sqlite, Memcached")]
    [InlineData("SpentTokens:Store", "1", "Memory, Sqlite, Memcached")]
    [InlineData("SpentTokens:Memcached:Servers:0", "memcached", "host:port")]
    [InlineData("SpentTokens:Memcached:Servers:0", "memcached:0", "host:port")]
    [InlineData("SpentTokens:Memcached:Replicas", "0", "odd number")]
    [InlineData("SpentTokens:Memcached:Replicas", "2", "odd number")]
    [InlineData("SpentTokens:Memcached:Deadline", "00:00:00", "00:00:00.001")]
    [InlineData("SpentTokens:Memcached:StallTimeout", "00:00:00", "00:00:00.001")]
    [InlineData("SpentTokens:Memcached:SyncGrace", "00:00:00.4000000", "00:00:00.75")]
    [InlineData("SpentTokens:Memcached:SyncGrace", "00:00:00.7000000", "HealthInterval")]
    [InlineData("SpentTokens:Memcached:JournalCapacity", "10", "1000")]
    [InlineData("SpentTokens:Memcached:ConnectionsPerNode", "0", "1")]
    [InlineData("SpentTokens:Memcached:KeyPrefix", "spent tokens", "without spaces")]
    [InlineData("SpentTokens:Memcached:Markers", "15", "16")]
    [InlineData("SpentTokens:Memcached:ExpiryMargin", "00:00:01", "00:01:00")]
    [InlineData("SpentTokens:Memcached:Tls:CaFile", "/nowhere.pem", "PEM file")]
    [InlineData("SpentTokens:Sqlite:Deadline", "00:00:00", "00:00:00.01")]
    [InlineData("SpentTokens:Sqlite:Synchronous", "OFF", "Normal, Full, Extra")]
    [InlineData("SpentTokens:Sqlite:WalSize", "1", "65536")]
    [InlineData("SpentTokens:Capacity", "10", "1000")]
    [InlineData("SpentTokens:Order", "SpendFirst", "one of LookUpFirst, VerifyFirst, Overlapped")]
    [InlineData("Authentication:ExplainFailures", "maybe", "true or false")]
    [InlineData("Authentication:FailureStatus", "404", "407 or 403")]
    [InlineData("Urls:0", "ftp://127.0.0.1:1", "https://")]
    [InlineData("Urls:0", "https://127.0.0.1:99999", "https://")]
    [InlineData("Management", "https://127.0.0.1:9090", "none")]
    [InlineData("Name", "bad name", "host name")]
    [InlineData("Issuers:0:Directory", "issuer.example", "URL")]
    [InlineData("Issuers:0:TokenTypes:0", "3", "some of 1, 2 and, experimental, 5 and 55930")]
    [InlineData("Issuers:0:PublicKeys:0", "AAAA", "342-byte")]
    [InlineData("Egress:AllowedPorts", "http", "port numbers")]
    [InlineData("Egress:ConnectTimeout", "00:00:00", "00:00:00.1")]
    [InlineData("Tls:Certificate", "/nowhere.pem", "exists")]
    public void A_bad_value_is_named_with_its_full_key_and_what_is_allowed(string key, string value, string allowed)
    {
        var issuer = key.StartsWith("Issuers:0:", StringComparison.Ordinal) && !key.EndsWith("Directory", StringComparison.Ordinal)
            ? new[] { ("Issuers:0:Name", "issuer.example"), ("Issuers:0:Directory", "https://issuer.example/d") }
            : key.StartsWith("Issuers", StringComparison.Ordinal) ? [("Issuers:0:Name", "issuer.example")] : [];
        var message = Assert.Throws<InvalidConfigurationException>(() => Read([.. issuer, (key, value)])).Message;
        // A list is reported as a whole where the rule is about all of it.
        var named = key == "Issuers:0:TokenTypes:0" ? "Issuers:0:TokenTypes" : key;
        Assert.StartsWith($"PrivacyProxy:{named} is ", message, StringComparison.Ordinal);
        if (TimeSpan.TryParse(value, out var time) && value.Contains(':', StringComparison.Ordinal)) value = time.ToString();
        Assert.Contains(value, message, StringComparison.Ordinal);
        Assert.Contains(allowed, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void All_problems_of_all_sections_are_told_at_once_each_in_a_line()
    {
        var exception = Assert.Throws<InvalidConfigurationException>(() => Read(("Tunnels:MaxTunnels", "many"), ("Drain:Timeout", "-00:00:01"), ("Egress:AllowedPorts", "http"), ("Management", "x")));
        Assert.Equal(
            ["PrivacyProxy:Tunnels:MaxTunnels", "PrivacyProxy:Egress:AllowedPorts", "PrivacyProxy:Drain:Timeout", "PrivacyProxy:Management"],
            exception.Message.Split('\n').Select(static line => line.Split(' ')[0]));
    }

    [Fact]
    public void A_value_that_does_not_parse_is_told_once_and_not_judged_by_its_default_as_well()
    {
        var exception = Assert.Throws<InvalidConfigurationException>(() => Read(("Egress:Resolver:MaximumTtl", "soon"), ("Egress:Resolver:MinimumTtl", "-00:00:01")));
        Assert.Equal(2, exception.Problems.Count);
    }

    [Fact]
    public void A_wrong_flag_is_named_as_the_user_wrote_it()
    {
        var root = new System.CommandLine.RootCommand();
        var flags = new ServeFlags();
        flags.AddTo(root);
        var arguments = root.Parse(["--urls", "ftp://x", "--psk", "k"]);
        using var configuration = new ConfigurationManager();
        ConfigurationSources.Apply(configuration, file: null, others => flags.ToSettings(arguments, others).Append(new("PrivacyProxy:Drain:Timeout", "x")));
        var exception = Assert.Throws<InvalidConfigurationException>(() => OptionsReader.Read<ProxyOptions>(configuration.GetSection(ProxyOptions.Section)));
        Assert.Equal(
            ["PrivacyProxy:Drain:Timeout is \"x\": expected a duration as hh:mm:ss or d.hh:mm:ss", $"--urls is \"ftp://x\": expected {ListenUrl.Expected}"],
            flags.Given.Tell(exception).Split('\n').Order(StringComparer.OrdinalIgnoreCase).Reverse());
    }

    [Theory]
    [InlineData("Tunels:IdleTimeout", "Tunels")]
    [InlineData("Tunnels:IdleTimeot", "Tunnels:IdleTimeot")]
    [InlineData("Issuers:0:Nmae", "Issuers:0:Nmae")]
    [InlineData("Authentication:PresharedKey", "Authentication:PresharedKey")]
    public void A_misspelt_key_is_an_error_and_its_value_is_not_shown(string key, string named)
    {
        var message = Assert.Throws<InvalidConfigurationException>(() => Read((key, "hush-hush"))).Message;
        Assert.StartsWith($"PrivacyProxy:{named} is not a known key", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authentication:PresharedKeys:0", "hush hush")]
    [InlineData("Issuers:0:PrivateKeys:0", "hush-hush")]
    public void A_bad_secret_is_never_shown(string key, string value)
    {
        var message = Assert.Throws<InvalidConfigurationException>(() => Read(("Issuers:0:Name", "i"), ("Issuers:0:Directory", "https://i/"), (key, value))).Message;
        Assert.StartsWith($"PrivacyProxy:{key} is \"***\"", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configured_list_replaces_the_default_and_may_be_one_value()
    {
        Assert.Equal(["http://127.0.0.1:1"], Read(("Urls:0", "http://127.0.0.1:1")).Urls);
        Assert.Equal(["http://127.0.0.1:1", "https://127.0.0.1:2"], Read(("Urls", "http://127.0.0.1:1;https://127.0.0.1:2")).Urls);
    }

    [Fact]
    public void Without_issuers_or_keys_the_proxy_would_refuse_everyone_and_says_so()
    {
        var message = Assert.Throws<InvalidConfigurationException>(() => OptionsReader.Read<ProxyOptions>(new ConfigurationBuilder().Build().GetSection("PrivacyProxy"))).Message;
        Assert.StartsWith("PrivacyProxy:Issuers is ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_to_a_valid_configuration_applies_and_to_an_invalid_one_does_not()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["PrivacyProxy:Authentication:PresharedKeys"] = "one" }).Build();
        using var options = new LiveOptions<ProxyOptions>(configuration, ProxyOptions.Section, Microsoft.Extensions.Logging.Abstractions.NullLogger<LiveOptions<ProxyOptions>>.Instance);
        configuration["PrivacyProxy:Authentication:PresharedKeys"] = "one,two";
        configuration.Reload();
        Assert.Equal(["one", "two"], options.CurrentValue.Authentication.PresharedKeys);
        configuration["PrivacyProxy:Authentication:FailureStatus"] = "200";
        configuration.Reload();
        Assert.Equal(407, options.CurrentValue.Authentication.FailureStatus);
    }

    [Theory]
    [InlineData("https://127.0.0.1:8443", true, "127.0.0.1", 8443)]
    [InlineData("http://localhost:0", false, "localhost", 0)]
    [InlineData("https://*:443", true, "*", 443)]
    [InlineData("https://[::1]:8443", true, "::1", 8443)]
    [InlineData("https://proxy.example", true, "proxy.example", 443)]
    public void A_listen_url_is_understood_and_written_back(string text, bool tls, string host, int port)
    {
        Assert.True(ListenUrl.TryParse(text, out var url));
        Assert.Equal((tls, host, port), (url.Tls, url.Host, url.Port));
        Assert.Equal(text.Contains(':', StringComparison.Ordinal) && text.EndsWith(port.ToString(), StringComparison.Ordinal) ? text : $"{text}:{port}", url.ToString());
    }
}
