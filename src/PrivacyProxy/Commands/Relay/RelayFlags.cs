using System.CommandLine;
using PrivacyProxy.Configuration;
using PrivacyRelay.Configuration;

namespace PrivacyProxy.Commands.Relay;

/// <summary>The flags of relay. Each stands for a configuration key and goes over every other source.</summary>
internal sealed class RelayFlags
{
    private readonly Option<string?> _config = Text("--config", "FILE", $"Read the section {RelayOptions.Section} of this JSON file over appsettings.json.");
    private readonly (Option<string[]> Option, string Key)[] _lists =
    [
        (Many("--proxy", "URL", "URL of the proxy; twice for two hops, the nearer one first."), nameof(RelayOptions.Proxies)),
        (Many("--issuer", "URL", "URL of the issuer of the proxy's tokens, or of the attester before it; one for each proxy, or one for all."), nameof(RelayOptions.Issuers)),
        (Many("--issuer-key-file", "FILE", "File with the bearer key or access token that an issuer or attester wants; one for each issuer, \"\" for one that wants none."), nameof(RelayOptions.IssuerKeyFiles)),
        (Many("--issuer-certificate", "FILE", "PEM file with a certificate and its key, shown to the issuer or attester; one for each issuer, \"\" for one that asks for none."), nameof(RelayOptions.IssuerCertificates)),
        (Many("--issuer-log-key", "KEY", "Key of the issuer's log, with --issuer-auditor; one for each issuer, \"\" for one that is not audited."), nameof(RelayOptions.IssuerLogKeys)),
        (Many("--issuer-auditor", "KEY", "Use an issuer's keys only if this auditor has cosigned its log. Repeatable."), nameof(RelayOptions.IssuerAuditors)),
        (Many("--psk", "KEY", "Preshared key instead of tokens; one for each proxy, or one for all. Seen in the process list: prefer the environment."), nameof(RelayOptions.PresharedKeys)),
        (Many("--client-certificate", "FILE", "PEM file with a certificate and its key, shown to the proxy; one for each proxy, or one for all."), nameof(RelayOptions.ClientCertificates)),
    ];
    private readonly (Option<string?> Option, string Key)[] _single =
    [
        (Text("--listen", "ADDRESS:PORT", "Address and port for local programs, SOCKS and HTTP alike. Default: 127.0.0.1:1080."), nameof(RelayOptions.Listen)),
        (Text("--upstream", "VERSION", "What is spoken to the proxies: auto, http1, http2 or http3. Default: auto."), nameof(RelayOptions.Upstream)),
        (Text("--proxy-ca", "FILE", "PEM file with a CA to trust for proxies and issuers, besides those of the system."), nameof(RelayOptions.ProxyCa)),
        (Text("--geohash", "HINT", "Where the last proxy shall leave, such as xn76c-JP; none to say nothing. Default: what the first of two proxies says."), nameof(RelayOptions.Geohash)),
        (Text("--max-connections", "N", "Local connections at a time. Default: 1024."), nameof(RelayOptions.MaxConnections)),
        (Text("--handshake-timeout", "HH:MM:SS", "How long a local program may take to say where it wants to go. Default: 00:00:10."), nameof(RelayOptions.HandshakeTimeout)),
        (Text("--connect-timeout", "HH:MM:SS", "How long opening a tunnel may take over all hops, tokens and retries. Default: 00:00:30."), nameof(RelayOptions.ConnectTimeout)),
        (Text("--idle-timeout", "HH:MM:SS", "A tunnel in which nothing moves for so long is cut. Default: 00:10:00."), nameof(RelayOptions.IdleTimeout)),
        (Text("--max-udp-associations", "N", "UDP associations of SOCKS5 at a time. Default: 128."), nameof(RelayOptions.MaxUdpAssociations)),
        (Text("--max-udp-destinations", "N", "Destinations of one UDP association at a time. Default: 128."), nameof(RelayOptions.MaxUdpDestinations)),
        (Text("--udp-idle-timeout", "HH:MM:SS", "The tunnel to a UDP destination in which nothing moves is closed. Default: 00:02:00."), nameof(RelayOptions.UdpIdleTimeout)),
        (Text("--tokens-low", "N", "With fewer tokens than these for a proxy, more are fetched. Default: 4."), nameof(RelayOptions.TokensLow)),
        (Text("--tokens-high", "N", "The most tokens held for a proxy. Default: 16."), nameof(RelayOptions.TokensHigh)),
    ];

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _single) command.Options.Add(option);
        foreach (var (option, _) in _lists) command.Options.Add(option);
        command.Options.Add(_config);
    }

    /// <summary>Those by which the address is told.</summary>
    public void AddListenTo(Command command)
    {
        command.Options.Add(_single.Single(static each => each.Key == nameof(RelayOptions.Listen)).Option);
        command.Options.Add(_config);
    }

    /// <summary>Options of all sources of which the address alone is valid.</summary>
    /// <exception cref="InvalidConfigurationException">It is not.</exception>
    public RelayOptions ReadListen(ParseResult flags)
    {
        using var configuration = new ConfigurationManager();
        ConfigurationSources.Apply(configuration, flags.GetValue(_config), others => ToSettings(flags, others.GetSection(RelayOptions.Section)));
        var options = new RelayOptions();
        if (configuration.GetSection(RelayOptions.Section)[nameof(RelayOptions.Listen)] is { } listen) options.Listen = listen;
        return options.EndPoints.Count > 0 ? options : throw new InvalidConfigurationException($"{RelayOptions.Section}:{nameof(RelayOptions.Listen)}", options.Listen, "an address and port such as 127.0.0.1:1080");
    }

    /// <summary>The options of all sources.</summary>
    /// <exception cref="InvalidConfigurationException">Something is wrong.</exception>
    public RelayOptions Read(ParseResult flags)
    {
        using var configuration = new ConfigurationManager();
        ConfigurationSources.Apply(configuration, flags.GetValue(_config), others => ToSettings(flags, others.GetSection(RelayOptions.Section)));
        return OptionsReader.Read<RelayOptions>(configuration.GetSection(RelayOptions.Section));
    }

    /// <summary>The flags given, with their keys.</summary>
    public GivenFlags Given(ParseResult flags)
    {
        var given = new GivenFlags();
        foreach (var (option, key) in _single) given.Add(flags, option, $"{RelayOptions.Section}:{key}");
        foreach (var (option, key) in _lists) given.Add(flags, option, $"{RelayOptions.Section}:{key}");
        return given;
    }

    private IEnumerable<KeyValuePair<string, string?>> ToSettings(ParseResult flags, IConfigurationSection others)
    {
        foreach (var (option, key) in _single)
            if (flags.GetValue(option) is { } value) yield return new($"{RelayOptions.Section}:{key}", value);
        foreach (var (option, key) in _lists)
        {
            var values = flags.GetValue(option) ?? [];
            if (values.Length == 0) continue;
            // A list replaces the other sources' as a whole: hops of two sources are no way.
            foreach (var other in others.GetSection(key).GetChildren()) yield return new(other.Path, null);
            for (var i = 0; i < values.Length; i++) yield return new($"{RelayOptions.Section}:{key}:{i}", values[i]);
        }
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static Option<string[]> Many(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
