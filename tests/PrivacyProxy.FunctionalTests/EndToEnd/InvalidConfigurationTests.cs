namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>A wrong setting stops the start: exit code 1 and one line with the key, the value and what is allowed.</summary>
public sealed class InvalidConfigurationTests
{
    /// <summary>Flags (separated by spaces), environment (NAME=VALUE separated by spaces), and what the line must hold, separated by '|'.</summary>
    public static TheoryData<string, string, string> Settings => new()
    {
        { "--urls ftp://127.0.0.1:1 --psk k", "", "--urls|ftp://127.0.0.1:1|http" },
        { "--urls http://127.0.0.1:70000 --psk k", "", "--urls|http://127.0.0.1:70000|http" },
        { "--management https://127.0.0.1:0 --psk k", "", "--management|https://127.0.0.1:0|http" },
        { "", "", "PrivacyProxy:Issuers|issuer" },
        { "--store Redis --psk k", "", "--store|Redis|Memory" },
        { "--store Memcached --psk k", "", "PrivacyProxy:SpentTokens:Memcached:Servers|servers" },
        { "--replicas 0 --store Memory --psk k", "", "--replicas|0|odd number" },
        { "--replicas 2 --store Memcached --memcached a:1,b:1 --psk k", "", "--replicas|2|odd number" },
        { "--replicas 3 --store Memcached --memcached a:1,b:1 --psk k", "", "--replicas|3|number of servers, 2" },
        { "--store Memcached --memcached 127.0.0.1:1,nowhere --psk k", "", "--memcached|nowhere|host:port" },
        { "--store Memcached --memcached 127.0.0.1:1,127.0.0.1:1 --psk k", "", "--memcached|127.0.0.1:1|already" },
        { "--store Memcached --memcached 127.0.0.1:1 --psk k", "PrivacyProxy__SpentTokens__Memcached__Deadline=00:00:00", "PrivacyProxy:SpentTokens:Memcached:Deadline|00:00:00.001" },
        { "--store Memcached --memcached 127.0.0.1:70000 --psk k", "", "--memcached|127.0.0.1:70000|host:port" },
        { "--store Memcached --memcached unix:memcached.sock --psk k", "", "--memcached|unix:memcached.sock|unix:/path" },
        { "--store Memcached --memcached 127.0.0.1:1 --psk k", "PrivacyProxy__SpentTokens__Memcached__SyncGrace=00:00:00.200", "PrivacyProxy:SpentTokens:Memcached:SyncGrace|ConnectTimeout" },
        { "--store Memcached --memcached 127.0.0.1:1 --psk k", "PrivacyProxy__SpentTokens__Memcached__MaxInFlight=none", "PrivacyProxy:SpentTokens:Memcached:MaxInFlight|none|number" },
        { "--replicas many --psk k", "", "many" },
        { "--allow-ports 443,http --psk k", "", "--allow-ports|443,http|any" },
        { "--allow-ports 0 --psk k", "", "--allow-ports|0|65535" },
        { "--certificate /no/such/file.pem --psk k", "", "--certificate|/no/such/file.pem|PEM" },
        { "--certificate-key /no/such/key.pem --psk k", "", "--certificate-key|/no/such/key.pem|Certificate" },
        { "--issuer issuer.test --psk k", "", "issuer.test|NAME=" },
        { "--issuer issuer.test=ftp://x --psk k", "", "--issuer|ftp://x|http" },
        { "--config /no/such/file.json --psk k", "", "--config|/no/such/file.json|exists" },
        { "--no-such-flag --psk k", "", "--no-such-flag" },
        { "--psk k --name a..b", "", "--name|a..b|host name" },
        { "--psk k --name proxy.example:99999", "", "--name|proxy.example:99999|host name" },
        { "--psk k", "Logging__LogLevel__Default=Loud", "Logging|Loud" },
        { "--psk k", "Logging__Console__MaxQueueLength=-1", "Logging|" },
        { "--issuer issuer.test=http://127.0.0.1:1", $"PrivacyProxy__Issuers__0__PublicKeys__0={new string('A', 456)}", "PrivacyProxy:Issuers:0:PublicKeys:0|342-byte type 2 key" },
        { "--issuer issuer.test=http://127.0.0.1:1", $"PrivacyProxy__Issuers__0__PrivateKeys__0={new string('A', 64)}", "PrivacyProxy:Issuers:0:PrivateKeys:0|***|48-byte scalar" },
        { "--issuer issuer.test=http://127.0.0.1:1 --issuer-ca issuer.test=/etc/hostname", "", "--issuer-ca|/etc/hostname|PEM file" },
        { "--issuer-keys issuer.test", "", "--issuer-keys|issuer.test|NAME=DIR" },
    };

    /// <summary>Variables of the environment, and what their lines must hold: told together, those of one name in starts of their own.</summary>
    private static readonly (string Variable, string Expected)[] _variables =
    [
        ("PrivacyProxy__Authentication__FailureStatus=200", "PrivacyProxy:Authentication:FailureStatus|200|407"),
        ("PrivacyProxy__Tunnels__IdleTimeout=30", "PrivacyProxy:Tunnels:IdleTimeout|30|hh:mm:ss"),
        ("PrivacyProxy__Tunnels__IdleTimeout=-00:00:01", "PrivacyProxy:Tunnels:IdleTimeout|-00:00:01"),
        ("PrivacyProxy__Tunnels__MaxRequestHeadSize=1", "PrivacyProxy:Tunnels:MaxRequestHeadSize|1"),
        ("PrivacyProxy__Tunnels__UdpTemplate=/masque/{host}", "PrivacyProxy:Tunnels:UdpTemplate|/masque/{host}|{target_host}"),
        ("PrivacyProxy__Tunnels__UdpIdleTimeout=00:01:59", "PrivacyProxy:Tunnels:UdpIdleTimeout|00:01:59|00:02:00"),
        ("PrivacyProxy__Tunnels__MaxUdpTunnels=-1", "PrivacyProxy:Tunnels:MaxUdpTunnels|-1"),
        ("PrivacyProxy__Discovery__Lifetime=00:00:01", "PrivacyProxy:Discovery:Lifetime|00:00:01|00:01:00"),
        ("PrivacyProxy__Egress__ConnectTimeout=00:00:00", "PrivacyProxy:Egress:ConnectTimeout|00:00:00"),
        ("PrivacyProxy__Egress__AllowPrivate=maybe", "PrivacyProxy:Egress:AllowPrivate|maybe|true or false"),
        ("PrivacyProxy__Egress__Deny__0=10.0.0.0/64", "PrivacyProxy:Egress:Deny:0|10.0.0.0/64|CIDR"),
        ("PrivacyProxy__Egress__Resolver__Servers__0=dns.example", "PrivacyProxy:Egress:Resolver:Servers:0|dns.example|address"),
        ("PrivacyProxy__Drain__Timeout=9.00:00:00", "PrivacyProxy:Drain:Timeout|9.00:00:00"),
        ("PrivacyProxy__Tunels__IdleTimeout=00:01:00", "PrivacyProxy:Tunels|not a known key|Tunnels"),
        ("PrivacyProxy__SpentTokens__Capacity=lots", "PrivacyProxy:SpentTokens:Capacity|lots|number"),
        ("PrivacyProxy__Telemetry__Otlp__Protocol=zipkin", "PrivacyProxy:Telemetry:Otlp:Protocol|zipkin|grpc, http/protobuf"),
        ("PrivacyProxy__Telemetry__Otlp__Protocol=GRPC", "PrivacyProxy:Telemetry:Otlp:Protocol|GRPC|grpc, http/protobuf"),
        ("PrivacyProxy__Telemetry__Otlp__Endpoint=127.0.0.1:4317", "PrivacyProxy:Telemetry:Otlp:Endpoint|127.0.0.1:4317|http://"),
        ("PrivacyProxy__Telemetry__Otlp__Endpoint=ftp://127.0.0.1", "PrivacyProxy:Telemetry:Otlp:Endpoint|ftp://127.0.0.1|http://"),
        ("PrivacyProxy__Telemetry__Otlp__Endpoint=http://", "PrivacyProxy:Telemetry:Otlp:Endpoint|http://"),
        ("PrivacyProxy__Telemetry__Otlp__Endpoint=http://127.0.0.1:99999", "PrivacyProxy:Telemetry:Otlp:Endpoint|http://127.0.0.1:99999|http://"),
        ("PrivacyProxy__Telemetry__Otlp__Endpoint=http://127.0.0.1:4318?key=1", "PrivacyProxy:Telemetry:Otlp:Endpoint|http://"),
        ("PrivacyProxy__Telemetry__Otlp__Timeout=00:02:00", "PrivacyProxy:Telemetry:Otlp:Timeout|00:02:00|00:01:00"),
        ("PrivacyProxy__Telemetry__Otlp__MetricsInterval=00:00:00", "PrivacyProxy:Telemetry:Otlp:MetricsInterval|00:00:00|00:00:01"),
        ("PrivacyProxy__Telemetry__Traces__Ratio=1.5", "PrivacyProxy:Telemetry:Traces:Ratio|1.5|0 to 1"),
        ("PrivacyProxy__Telemetry__Traces__Ratio=-0.1", "PrivacyProxy:Telemetry:Traces:Ratio|-0.1|0 to 1"),
        ("PrivacyProxy__Telemetry__Traces__Ratio=NaN", "PrivacyProxy:Telemetry:Traces:Ratio|NaN|0 to 1"),
        ("PrivacyProxy__Telemetry__Traces__Ratio=some", "PrivacyProxy:Telemetry:Traces:Ratio|some|number"),
        ("PrivacyProxy__Telemetry__Traces__SlowCheckThreshold=5", "PrivacyProxy:Telemetry:Traces:SlowCheckThreshold|5|hh:mm:ss"),
        ("PrivacyProxy__Telemetry__Traces__SlowCheckThreshold=00:01:01", "PrivacyProxy:Telemetry:Traces:SlowCheckThreshold|00:01:01|00:01:00"),
        ("PrivacyProxy__Telemetry__Traces__TrustContextFrom=192.0.2.1,edge.example", "PrivacyProxy:Telemetry:Traces:TrustContextFrom:1|edge.example|CIDR"),
        ("PrivacyProxy__Telemetry__Logs__Format=Xml", "PrivacyProxy:Telemetry:Logs:Format|Xml|Console, Json"),
        ("PrivacyProxy__Telemetry__Debug__IncludeDestination=true", "PrivacyProxy:Telemetry:Debug:IncludeDestination|not a known key|IncludeDestinations"),
        ("PrivacyProxy__Telemetry__Debug__IncludeDestinations=loud", "PrivacyProxy:Telemetry:Debug:IncludeDestinations|loud|true or false"),
        ("PrivacyProxy__Telemetry__Otlp__Headers=x-key", "PrivacyProxy:Telemetry:Otlp:Headers|***|percent-encoded"),
        ("PrivacyProxy__Telemetry__Otlp__Headers=x%20key=a", "PrivacyProxy:Telemetry:Otlp:Headers|***|percent-encoded"),
        ("PrivacyProxy__Telemetry__Otlp__Headers=x-key=a%0d%0ab", "PrivacyProxy:Telemetry:Otlp:Headers|***|percent-encoded"),
        ("PrivacyProxy__Telemetry__Otlp__Headers=x-key=%C3%BC", "PrivacyProxy:Telemetry:Otlp:Headers|***|percent-encoded"),
        ("PrivacyProxy__Telemetry__Metrics__Enabled=maybe", "PrivacyProxy:Telemetry:Metrics:Enabled|maybe|true or false"),
    ];

    private static readonly ILookup<int, (string Variable, string Expected)> _starts = _variables
        .GroupBy(static one => one.Variable.Split('=')[0], StringComparer.Ordinal)
        .SelectMany(static group => group.Select(static (one, number) => (one, number)))
        .ToLookup(static pair => pair.number, static pair => pair.one);

    public static TheoryData<int> Starts => [.. _starts.Select(static start => start.Key)];

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task Variables_of_the_environment_stop_the_start_with_a_line_each(int start)
    {
        var wrong = _starts[start].ToList();
        var result = await RunAsync(["--psk", "k"], string.Join(' ', wrong.Select(static one => one.Variable)));
        Assert.True(result.ExitCode == 1, $"exit code {result.ExitCode}\n{result.Output}\n{result.Errors}");
        Assert.True(wrong.Count == result.ErrorLines.Count, result.Errors);
        Assert.All(wrong, one => Assert.True(result.ErrorLines.Any(line => one.Expected.Split('|').All(part => line.Contains(part, StringComparison.Ordinal))), $"{one.Variable}:\n{result.Errors}"));
        Assert.DoesNotContain("Exception", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("ready http", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task It_stops_the_start_with_one_line(string flags, string environment, string expected)
    {
        var result = await RunAsync(flags.Split(' ', StringSplitOptions.RemoveEmptyEntries), environment);
        IsOneLine(result, expected.Split('|'));
    }

    /// <summary>The same of the other commands that run until they are stopped.</summary>
    public static TheoryData<string, string> OtherCommands => new()
    {
        { "issuer --urls ftp://127.0.0.1:1", "--urls|ftp://127.0.0.1:1|http" },
        { "issuer --urls http://127.0.0.1:0 --name a..b", "--name|a..b|host name" },
        { "issuer --urls http://127.0.0.1:0 --token-types 3", "--token-types|3|1, 2 and" },
        { "issuer --urls http://127.0.0.1:0 --attester nobody", "--attester|nobody|Bearer" },
        { "relay --listen nowhere --proxy https://127.0.0.1:1 --psk k", "nowhere|127.0.0.1:1080" },
        { "relay --listen 127.0.0.1:0 --proxy ftp://127.0.0.1:1 --psk k", "ftp://127.0.0.1:1|http" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --proxy-ca /no/such/ca.pem --psk k", "/no/such/ca.pem" },
        { "relay --listen 127.0.0.1:0 --psk k", "--proxy" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --psk k --max-connections 0", "--max-connections|0|1 to 65536" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --psk k --idle-timeout 30", "--idle-timeout|30|hh:mm:ss" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --psk k --connect-timeout 2.00:00:00", "--connect-timeout|at most a day" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --psk k --tokens-high 4", "PrivacyRelay:TokensLow|4|less than TokensHigh" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --psk k --max-udp-associations 0", "--max-udp-associations|0|1 to 65536" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --psk k --max-udp-destinations many", "--max-udp-destinations|many" },
        { "relay --listen 127.0.0.1:0 --proxy https://127.0.0.1:1 --psk k --udp-idle-timeout 00:01:00", "--udp-idle-timeout|00:01:00|two minutes to a day" },
    };

    [Theory]
    [MemberData(nameof(OtherCommands))]
    public async Task It_stops_the_start_of_other_commands_too(string commandLine, string expected) =>
        IsOneLine(await ChildProcess.RunProductAsync(commandLine.Split(' ')), expected.Split('|'));

    [Fact]
    public async Task A_configuration_file_that_is_not_JSON_is_named()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("broken.json"), "{ \"PrivacyProxy\": ");
        IsOneLine(await RunAsync(["--config", directory.File("broken.json")], ""), directory.File("broken.json"), "JSON");
    }

    [Fact]
    public async Task A_wrong_key_in_a_configuration_file_is_named()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("settings.json"), """{ "PrivacyProxy": { "Authentication": { "PresharedKeys": ["k"] }, "SpentTokens": { "Stroe": "Memory" } } }""");
        IsOneLine(await RunAsync(["--config", directory.File("settings.json")], ""), "PrivacyProxy:SpentTokens:Stroe", "Store");
    }

    [Fact]
    public async Task A_wrong_key_of_the_relay_is_named_whichever_source_it_is_in()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("relay.json"), """{ "PrivacyRelay": { "Proxies": ["https://127.0.0.1:1"], "PresharedKeys": ["k"], "TokenHigh": 3 } }""");
        IsOneLine(await ChildProcess.RunProductAsync(["relay", "--config", directory.File("relay.json")]), "PrivacyRelay:TokenHigh", "TokensHigh");
        IsOneLine(await ChildProcess.RunProductAsync(["relay", "--proxy", "https://127.0.0.1:1"], new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyRelay__PresharedKeys"] = "k", ["PrivacyRelay__TokensHigh"] = "many" }), "PrivacyRelay:TokensHigh", "many", "a number");
    }

    [Fact]
    public async Task A_wrong_secret_is_named_but_not_shown()
    {
        var result = await RunAsync(["--psk", "a secret with spaces"], "");
        IsOneLine(result, "--psk", "***");
        Assert.DoesNotContain("a secret with spaces", result.Errors + result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Headers", "no-value-hush")]
    [InlineData("Headers", "=hush")]
    [InlineData("Headers", "x-key=hush,,y=z")]
    [InlineData("Headers", "bad name=hush")]
    [InlineData("Headers", "content-type=hush")]
    [InlineData("Headers", "x-key=hush%0d%0ax: y")]
    [InlineData("Endpoint", "http://user:hu/hush@127.0.0.1:4318")]
    public async Task A_wrong_secret_of_the_collector_is_named_but_not_shown(string key, string value)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { [$"PrivacyProxy__Telemetry__Otlp__{key}"] = value };
        var result = await ChildProcess.RunProductAsync(["serve", "--urls", "http://127.0.0.1:0", "--management", "none", "--psk", "k"], variables);
        IsOneLine(result, $"PrivacyProxy:Telemetry:Otlp:{key}", "***");
        Assert.DoesNotContain("hush", result.Errors + result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_in_use_is_named()
    {
        await using var taken = TcpOrigin.Echo();
        var result = await ChildProcess.RunProductAsync(["serve", "--urls", $"http://{taken.Authority}", "--management", "none", "--psk", "k"]);
        IsOneLine(result, taken.Authority);
    }

    private static void IsOneLine(CommandResult result, params string[] expected)
    {
        Assert.True(result.ExitCode == 1, $"exit code {result.ExitCode}\n{result.Output}\n{result.Errors}");
        var line = Assert.Single(result.ErrorLines);
        Assert.All(expected, part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.DoesNotContain("ready http", result.Output, StringComparison.Ordinal);
    }

    private static Task<CommandResult> RunAsync(IReadOnlyList<string> flags, string environment)
    {
        // Free ports wherever the case is not about them, so that a case that starts by mistake disturbs nobody.
        string[] urls = flags.Contains("--urls") ? [] : ["--urls", "http://127.0.0.1:0"];
        string[] management = flags.Contains("--management") ? [] : ["--management", "none"];
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=', 2));
        return ChildProcess.RunProductAsync(
            ["serve", .. urls, .. management, .. flags],
            variables.ToDictionary(variable => variable[0], variable => variable[1], StringComparer.Ordinal));
    }
}
