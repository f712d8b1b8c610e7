using System.CommandLine;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Relay;

/// <summary>The flags of relay. Each stands for a configuration key and goes over every other source.</summary>
internal sealed class RelayFlags
{
    private readonly Option<string?> _config = Text("--config", "FILE", $"Read the section {RelaySettings.Section} of this JSON file over appsettings.json.");
    private readonly Option<string[]> _proxies = new("--proxy") { HelpName = "URL", Description = "URL of the proxy; twice for two hops, the nearer one first." };
    private readonly Option<string[]> _issuers = new("--issuer") { HelpName = "URL", Description = "URL of the issuer of the proxy's tokens; one for each proxy, or one for all." };
    private readonly Option<string[]> _presharedKeys = new("--psk") { HelpName = "KEY", Description = "Preshared key instead of tokens; one for each proxy, or one for all. Seen in the process list: prefer the environment." };
    private readonly (Option<string?> Option, string Key)[] _single =
    [
        (Text("--listen", "ADDRESS:PORT", "Address and port for local programs, SOCKS5 and HTTP alike. Default: 127.0.0.1:1080."), nameof(RelaySettings.Listen)),
        (Text("--upstream", "VERSION", "What is spoken to the proxies: auto, http1, http2 or http3. Default: auto."), nameof(RelaySettings.Upstream)),
        (Text("--proxy-ca", "FILE", "PEM file with a CA to trust for proxies and issuers, besides those of the system."), nameof(RelaySettings.ProxyCa)),
        (Text("--geohash", "HINT", "Where the last proxy shall leave, such as xn76c-JP."), nameof(RelaySettings.Geohash)),
        (Text("--max-connections", "N", "Local connections at a time. Default: 1024."), nameof(RelaySettings.MaxConnections)),
        (Text("--handshake-timeout", "HH:MM:SS", "How long a local program may take to say where it wants to go. Default: 00:00:10."), nameof(RelaySettings.HandshakeTimeout)),
        (Text("--connect-timeout", "HH:MM:SS", "How long opening a tunnel may take over all hops, tokens and retries. Default: 00:00:30."), nameof(RelaySettings.ConnectTimeout)),
        (Text("--idle-timeout", "HH:MM:SS", "A tunnel in which nothing moves for so long is cut. Default: 00:10:00."), nameof(RelaySettings.IdleTimeout)),
        (Text("--max-udp-associations", "N", "UDP associations of SOCKS5 at a time. Default: 128."), nameof(RelaySettings.MaxUdpAssociations)),
        (Text("--max-udp-destinations", "N", "Destinations of one UDP association at a time. Default: 128."), nameof(RelaySettings.MaxUdpDestinations)),
        (Text("--udp-idle-timeout", "HH:MM:SS", "The tunnel to a UDP destination in which nothing moves is closed. Default: 00:02:00."), nameof(RelaySettings.UdpIdleTimeout)),
        (Text("--tokens-low", "N", "With fewer tokens than these for a proxy, more are fetched. Default: 4."), nameof(RelaySettings.TokensLow)),
        (Text("--tokens-high", "N", "The most tokens held for a proxy. Default: 16."), nameof(RelaySettings.TokensHigh)),
    ];

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _single) command.Options.Add(option);
        command.Options.Add(_proxies);
        command.Options.Add(_issuers);
        command.Options.Add(_presharedKeys);
        command.Options.Add(_config);
    }

    /// <summary>The settings of all sources.</summary>
    /// <exception cref="InvalidConfigurationException">A key is unknown or a value does not parse.</exception>
    public RelaySettings Read(ParseResult flags)
    {
        using var configuration = new ConfigurationManager();
        ConfigurationSources.Apply(configuration, flags.GetValue(_config), _ => _single
            .Select(setting => KeyValuePair.Create($"{RelaySettings.Section}:{setting.Key}", flags.GetValue(setting.Option)))
            .Where(static setting => setting.Value is not null));
        var settings = OptionsReader.Read<RelaySettings>(configuration.GetSection(RelaySettings.Section));
        // A list replaces the other sources' as a whole: hops of two sources are no way.
        if (flags.GetValue(_proxies) is { Length: > 0 } proxies) settings.Proxies = proxies;
        if (flags.GetValue(_issuers) is { Length: > 0 } issuers) settings.Issuers = issuers;
        if (flags.GetValue(_presharedKeys) is { Length: > 0 } keys) settings.PresharedKeys = keys;
        return settings;
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
