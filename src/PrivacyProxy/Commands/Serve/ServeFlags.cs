using System.CommandLine;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Egress;
using PrivacyProxy.Hosting;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.Commands.Serve;

/// <summary>The flags of serve. Each stands for a configuration key and goes over every other source.</summary>
internal sealed class ServeFlags
{
    private const string Authentication = nameof(ProxyOptions.Authentication);
    private const string Egress = nameof(ProxyOptions.Egress);
    private const string Issuers = nameof(ProxyOptions.Issuers);
    private const string SpentTokens = nameof(ProxyOptions.SpentTokens);
    private const string Tls = nameof(ProxyOptions.Tls);

    private readonly Option<string> _config = Text("--config", "FILE", "Read this JSON file over appsettings.json.");
    private readonly Option<string[]> _issuers = Many("--issuer", "NAME=DIRECTORY_URL", "Take tokens of this issuer. Repeatable.");
    private readonly Option<string[]> _issuerKeys = Many("--issuer-keys", "NAME=DIR", "The key folder of this issuer, on this machine: for tokens of type 1. Repeatable.");
    private readonly Option<string[]> _issuerAuthorities = Many("--issuer-ca", "NAME=FILE", "Trust this PEM file, and no other authority, for the directory of this issuer. Repeatable.");
    private readonly Option<string[]> _presharedKeys = Many("--psk", "KEY", "Take this preshared key. Repeatable. Seen in the process list: prefer the environment.");
    private readonly Option<bool> _allowPrivate = new("--allow-private") { Description = "Let tunnels go to loopback and private addresses; for tests." };
    private readonly (Option<string> Option, string Key)[] _single =
    [
        (Text("--urls", "URL[;URL]", "Where to listen. Default: https://127.0.0.1:8443."), nameof(ProxyOptions.Urls)),
        (Text("--management", "URL", "Where /healthz, /readyz and /metrics are, or none. Default: http://127.0.0.1:9090."), nameof(ProxyOptions.Management)),
        (Text("--name", "AUTHORITY", "How clients reach the proxy, such as proxy.example:8443."), nameof(ProxyOptions.Name)),
        (Text("--store", "Memory|Sqlite|Memcached", "Where spent tokens are remembered. Default: Memory."), $"{SpentTokens}:{nameof(SpentTokenOptions.Store)}"),
        (Text("--order", "LookUpFirst|VerifyFirst|Overlapped", "When a store over the network is asked whether a token is spent. Default: LookUpFirst."), $"{SpentTokens}:{nameof(SpentTokenOptions.Order)}"),
        (Text("--memcached", "HOST:PORT,...", "The servers of the Memcached store."), $"{SpentTokens}:{nameof(SpentTokenOptions.Memcached)}:{nameof(MemcachedOptions.Servers)}"),
        (Text("--replicas", "R", "On how many memcached servers each spent token is written."), $"{SpentTokens}:{nameof(SpentTokenOptions.Memcached)}:{nameof(MemcachedOptions.Replicas)}"),
        (Text("--topology", "Nodes|Router", "Whether the servers are memcacheds, or routers such as mcrouter in front of them. Default: Nodes."), $"{SpentTokens}:{nameof(SpentTokenOptions.Memcached)}:{nameof(MemcachedOptions.Topology)}"),
        (Text("--sqlite", "FILE", "The file of the Sqlite store."), $"{SpentTokens}:{nameof(SpentTokenOptions.Sqlite)}:{nameof(SqliteSpentTokenOptions.File)}"),
        (Text("--allow-ports", "443,80|any", "The destination ports. Default: 443,80."), $"{Egress}:{nameof(EgressOptions.AllowedPorts)}"),
        (Text("--certificate", "FILE", "The server certificate, PEM. Default: a throw-away one."), $"{Tls}:{nameof(TlsOptions.Certificate)}"),
        (Text("--certificate-key", "FILE", "The private key of the certificate, PEM."), $"{Tls}:{nameof(TlsOptions.CertificateKey)}"),
        (Text("--data", "DIR", "Where ca.pem of the throw-away certificate is written."), $"{Tls}:{nameof(TlsOptions.Data)}"),
    ];

    /// <summary>Adds the flags to a command; the same ones may be added to several.</summary>
    public void AddTo(Command command)
    {
        foreach (var (option, _) in _single) command.Options.Add(option);
        command.Options.Add(_issuers);
        command.Options.Add(_issuerKeys);
        command.Options.Add(_issuerAuthorities);
        command.Options.Add(_presharedKeys);
        command.Options.Add(_allowPrivate);
        command.Options.Add(_config);
    }

    /// <summary>The file of --config, null without.</summary>
    public string? ConfigFile(ParseResult flags) => flags.GetValue(_config);

    /// <summary>The flags of which <see cref="ToSettings"/> has made settings, with their keys.</summary>
    public GivenFlags Given { get; } = new();

    /// <summary>The settings the flags make. Issuers and preshared keys are added to those of the other sources.</summary>
    /// <exception cref="InvalidConfigurationException">An --issuer is not NAME=URL, or the like.</exception>
    public IEnumerable<KeyValuePair<string, string?>> ToSettings(ParseResult flags, IConfiguration others)
    {
        var settings = new List<KeyValuePair<string, string?>>();
        foreach (var (option, key) in _single)
            if (flags.GetValue(option) is { } value) Add(settings, option, key, value);
        if (flags.GetValue(_allowPrivate)) Add(settings, _allowPrivate, $"{Egress}:{nameof(EgressOptions.AllowPrivate)}", "true");
        AddIssuers(settings, flags, others.GetSection($"{ProxyOptions.Section}:{Issuers}"));
        AddPresharedKeys(settings, flags.GetValue(_presharedKeys) ?? [], others.GetSection($"{ProxyOptions.Section}:{Authentication}:{nameof(AuthenticationOptions.PresharedKeys)}"));
        return settings;
    }

    /// <summary>
    /// An issuer of that name gets what the flag says, else one that has no name yet (its keys may come from the environment, where flags
    /// show them to nobody), else one is added.
    /// </summary>
    private void AddIssuers(List<KeyValuePair<string, string?>> settings, ParseResult flags, IConfigurationSection configured)
    {
        var issuers = configured.GetChildren().ToArray();
        var indices = issuers.Where(static issuer => !string.IsNullOrEmpty(issuer[nameof(IssuerOptions.Name)]))
            .DistinctBy(static issuer => issuer[nameof(IssuerOptions.Name)], StringComparer.Ordinal)
            .ToDictionary(static issuer => issuer[nameof(IssuerOptions.Name)]!, static issuer => issuer.Key, StringComparer.Ordinal);
        var nameless = new Queue<string>(issuers.Where(static issuer => string.IsNullOrEmpty(issuer[nameof(IssuerOptions.Name)])).Select(static issuer => issuer.Key));
        var next = NextIndex(configured);
        foreach (var (option, expected, key) in new[]
        {
            (_issuers, "NAME=DIRECTORY_URL", nameof(IssuerOptions.Directory)),
            (_issuerKeys, "NAME=DIR", nameof(IssuerOptions.KeyDirectory)),
            (_issuerAuthorities, "NAME=FILE", nameof(IssuerOptions.CaFile)),
        })
        {
            foreach (var text in flags.GetValue(option) ?? [])
            {
                var separator = text.IndexOf('=', StringComparison.Ordinal);
                if (separator <= 0 || separator == text.Length - 1) throw new InvalidConfigurationException(option.Name, text, expected);
                var name = text[..separator];
                if (!indices.TryGetValue(name, out var index)) indices[name] = index = nameless.TryDequeue(out var free) ? free : $"{next++}";
                Add(settings, option, $"{Issuers}:{index}:{nameof(IssuerOptions.Name)}", name);
                Add(settings, option, $"{Issuers}:{index}:{key}", text[(separator + 1)..]);
            }
        }
    }

    private void AddPresharedKeys(List<KeyValuePair<string, string?>> settings, string[] keys, IConfigurationSection configured)
    {
        // Indexed keys hide the one-value form, so that is carried over.
        var all = configured.Value is { Length: > 0 } listed ? [.. OptionsReader.Split(listed), .. keys] : keys;
        var next = NextIndex(configured);
        if (keys.Length == 0) return;
        foreach (var key in all) Add(settings, _presharedKeys, $"{Authentication}:{nameof(AuthenticationOptions.PresharedKeys)}:{next++}", key);
    }

    private static int NextIndex(IConfigurationSection list) =>
        list.GetChildren().Select(static child => int.TryParse(child.Key, out var index) ? index + 1 : 0).DefaultIfEmpty().Max();

    /// <summary>The last one counts, as between sources.</summary>
    private void Add(List<KeyValuePair<string, string?>> settings, Option flag, string key, string value)
    {
        var full = $"{ProxyOptions.Section}:{key}";
        Given.Add(flag.Name, full);
        settings.RemoveAll(setting => setting.Key == full);
        settings.Add(new(full, value));
    }

    private static Option<string> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static Option<string[]> Many(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
