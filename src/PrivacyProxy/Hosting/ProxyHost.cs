using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Admission;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Egress;
using PrivacyProxy.Exporting;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Forwarding;
using PrivacyProxy.Hosting.Management;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.Hosting.Systemd;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Listeners;
using PrivacyProxy.Listeners.Discovery;
using PrivacyProxy.Listeners.Inherited;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Certificates;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Hosting;

/// <summary>Puts the proxy together and starts it; for serve, demo and tests.</summary>
internal static partial class ProxyHost
{
    /// <summary>A proxy ready to be started.</summary>
    /// <param name="configFile">The file of --config, null without.</param>
    /// <param name="flags">Makes the settings that go over all others, given what the others say.</param>
    /// <exception cref="InvalidConfigurationException">The configuration is invalid.</exception>
    public static WebApplication Build(string? configFile, Func<IConfiguration, IEnumerable<KeyValuePair<string, string?>>> flags)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var configuration = new LiveConfiguration(configFile, flags);
        configuration.AddTo(builder.Configuration);
        builder.AddConsoleLogging();
        builder.Services.AddProxyOptions();
        builder.Services.AddSingleton(static services => new ProxyMeter(services.GetRequiredService<IOptions<MetricsOptions>>().Value.Enabled));
        builder.Services.AddRedemption();
        builder.Services.AddEgress();
        builder.Services.AddTunnels();
        builder.Services.AddForwarding();
        builder.AddExporting();
        builder.Services.AddManagement();
        builder.Services.AddSingleton<ProxyCertificate>();
        builder.Services.AddReloading<ProxyReload>(configuration);
        builder.WebHost.UseKestrel(ConfigureListeners);
        builder.Services.AddProxyTransport();
        builder.Services.AddAdmission(Limits);
        builder.Services.AddSingleton<AdmissionMetrics>();
        builder.Services.AddHostedService<IdleCollection>();
        // Makes the server, and with it reads the options and loads the certificate, then the store: what configuration can get wrong fails here.
        var app = builder.Build();
        app.Services.GetRequiredService<ISpentTokenStore>();
        // Observed instruments of the process: nobody else asks for them.
        app.Services.GetRequiredService<ReadinessMetrics>();
        app.Services.GetRequiredService<AdmissionMetrics>();
        app.Services.GetRequiredService<MeterBridge>();
        app.UseTunnels();
        app.UseMiddleware<DiscoveryMiddleware>();
        app.UseMiddleware<KeyLogMiddleware>();
        return app;
    }

    /// <summary>Starts it; returns the URLs it listens on, with their real ports.</summary>
    /// <exception cref="InvalidConfigurationException">An address cannot be listened on.</exception>
    public static async Task<IReadOnlyList<string>> StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            var reason = exception is SocketException ? ListenFailure.Reason(exception) : exception.Message.TrimEnd('.');
            var urls = app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value.Urls;
            throw new InvalidConfigurationException($"{ProxyOptions.Section}:{nameof(ProxyOptions.Urls)}", string.Join(';', urls), $"addresses and ports that can be listened on ({reason})");
        }
        var bound = BoundUrls(app);
        app.Services.GetRequiredService<ProxyIdentity>().ListensOn(bound);
        app.Services.GetRequiredService<AcceptedKeySet>().RebuildChallenges();
        app.Services.GetRequiredService<ProxyCertificate>().PublishAuthority();
        if (!app.Services.CanServeHttp3()) LogNoHttp3(app.Logger);
        app.Services.GetRequiredService<ServiceNotice>().Started();
        return [.. bound.Select(static url => url.ToString())];
    }

    /// <summary>The URLs listened on, with their real ports; the order is that of the configuration.</summary>
    private static List<ListenUrl> BoundUrls(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        return [.. app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value.ListenUrls.Zip(addresses, static (url, address) => url with { Port = BindingAddress.Parse(address).Port })];
    }

    /// <summary>What descriptors there are, less the share of the management listener.</summary>
    private static AdmissionLimits Limits(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ProxyOptions>>().Value;
        var budget = DescriptorBudget.Claim(options.Connections.Reserve);
        return options.Connections.ToLimits(budget, AdmissionServices.ManagementShare(budget), options.Tunnels.MaxTunnels);
    }

    private static void ConfigureListeners(WebHostBuilderContext context, KestrelServerOptions kestrel)
    {
        var certificate = kestrel.ApplicationServices.GetRequiredService<ProxyCertificate>();
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<ProxyOptions>>().Value;
        // A name says by which port clients come, whatever is between them and this one.
        int? publicPort = options.Name is { } name ? new HostString(name).Port ?? 443 : null;
        kestrel.ApplicationServices.GetRequiredService<InheritedSockets>().AllAreAskedFor($"{ProxyOptions.Section}:{nameof(ProxyOptions.Urls)}", [.. options.ListenUrls]);
        foreach (var url in options.ListenUrls)
            kestrel.ListenProxy(url.EndPoint, url.Tls ? certificate.Tls(HostsOf(options), options.Authentication.ClientCertificates.Use != ClientCertificateUse.Off) : null, publicPort);
    }

    /// <summary>By what clients may reach the proxy.</summary>
    private static IEnumerable<string> HostsOf(ProxyOptions options)
    {
        var hosts = options.ListenUrls.Where(static url => url.Tls && url.Host != ListenUrl.AnyHost).Select(static url => url.Host);
        return options.Name is { } name ? hosts.Append(new HostString(name).Host.Trim('[', ']')) : hosts;
    }

    [LoggerMessage(EventId = 2951, Level = LogLevel.Information, Message = "HTTP/3 is off: libmsquic is not installed.")]
    private static partial void LogNoHttp3(ILogger logger);
}
