using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Certificates;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Hosting;
using PrivacyRelay;
using PrivacyRelay.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.Commands.Demo;

/// <summary>An issuer, a proxy, an origin and a relay on free loopback ports of this process, put together as their commands do. Leaves nothing behind.</summary>
internal sealed class DemoServers : IAsyncDisposable
{
    private const int MostLooksForKeys = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("privacy-proxy-demo-");
    private readonly Stack<IAsyncDisposable> _started = [];
    private WebApplication? _issuer;
    private WebApplication? _proxy;
    private DemoOrigin? _origin;
    private IssuerTokenSources? _sources;

    /// <summary>The issuer's URL.</summary>
    public Uri Issuer { get; private set; } = null!;

    public Uri Proxy { get; private set; } = null!;

    public Uri Origin => _origin!.Url;

    public IPEndPoint Relay { get; private set; } = null!;

    /// <summary>The proxy's throw-away authority.</summary>
    public X509Certificate2Collection ProxyRoots { get; } = [];

    /// <summary>PEM file of the origin's throw-away authority.</summary>
    public string OriginAuthorityFile { get; private set; } = "";

    public async Task StartIssuerAsync(CancellationToken cancellationToken)
    {
        var (issuer, urls) = await IssuerHost.StartAsync(
            configFile: null,
            [
                Setting(IssuerSettings.Section, nameof(IssuerSettings.Urls), "http://127.0.0.1:0"),
                Setting(IssuerSettings.Section, nameof(IssuerSettings.Data), Path.Combine(_folder.FullName, "issuer")),
                Quiet,
            ],
            cancellationToken);
        _started.Push(_issuer = issuer);
        Issuer = new Uri(urls[0]);
    }

    public async Task StartProxyAsync(CancellationToken cancellationToken)
    {
        var data = Path.Combine(_folder.FullName, "proxy");
        const string Section = ProxyOptions.Section;
        var directory = new Uri(Issuer, PrivacyPass.Issuance.IssuerDirectory.WellKnownPath);
        _proxy = ProxyHost.Build(configFile: null, _ =>
        [
            Setting(Section, "Urls", "https://127.0.0.1:0"),
            Setting(Section, "Management", ProxyOptions.NoManagement),
            Setting(Section, "Tls:Data", data),
            Setting(Section, "Egress:AllowPrivate", "true"),
            Setting(Section, "Egress:AllowedPorts", "any"),
            Setting(Section, "Issuers:0:Name", Issuer.Authority),
            Setting(Section, "Issuers:0:Directory", directory.ToString()),
            Quiet,
        ]);
        _started.Push(_proxy);
        Proxy = new Uri((await ProxyHost.StartAsync(_proxy, cancellationToken))[0]);
        ProxyRoots.ImportFromPemFile(Path.Combine(data, CertificateAuthority.FileName));
        // Those that do not come, the step that asks for a challenge tells of.
        var keys = _proxy.Services.GetRequiredService<AcceptedKeySet>();
        for (var i = 0; i < MostLooksForKeys && keys.Current.ChallengeFields.Count == 0; i++) await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
    }

    public async Task StartOriginAsync(CancellationToken cancellationToken)
    {
        _started.Push(_origin = await DemoOrigin.StartAsync(cancellationToken));
        OriginAuthorityFile = _origin.Authority.WriteTo(Path.Combine(_folder.FullName, "origin"));
    }

    public void StartRelay()
    {
        var options = new RelayOptions
        {
            Listen = "127.0.0.1:0",
            Proxies = [Proxy.ToString()],
            Issuers = [Issuer.ToString()],
            TrustedRoots = ProxyRoots,
        };
        _sources = new IssuerTokenSources(new TrustPolicy(ProxyRoots), NullLogger<IssuerTokenSources>.Instance);
        var relay = RelayServer.Start(options, _sources, TimeProvider.System, NullLoggerFactory.Instance);
        _started.Push(relay);
        Relay = relay.EndPoint;
    }

    /// <summary>Stops a part, so that the steps which need it fail.</summary>
    public Task BreakAsync(DemoPart part) => part switch
    {
        DemoPart.Issuer => _issuer!.StopAsync(),
        DemoPart.Proxy => _proxy!.StopAsync(),
        DemoPart.Origin => _origin!.StopAsync(),
        _ => Task.CompletedTask,
    };

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var server)) await server.DisposeAsync();
        _sources?.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>The demo's screen is for the walk; what fails is told there.</summary>
    private static KeyValuePair<string, string?> Quiet { get; } = new("Logging:LogLevel:Default", "None");

    private static KeyValuePair<string, string?> Setting(string section, string key, string value) => new($"{section}:{key}", value);
}
