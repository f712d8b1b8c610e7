using PrivacyPass;
using PrivacyPass.AspNetCore;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;
using PrivacyProxy.Admission;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Recording.Instruments;
using Tunneling.Admission;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>Puts an issuer together and starts it; for the issuer command, demo and tests.</summary>
internal static class IssuerHost
{
    /// <summary>Starts an issuer; the caller disposes it.</summary>
    /// <param name="configFile">The file of --config, null without.</param>
    /// <param name="flags">Settings that go over all others, by their full keys.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <returns>The application and the URLs it listens on, with their real ports.</returns>
    /// <exception cref="InvalidConfigurationException">A setting is invalid, or an address cannot be listened on.</exception>
    /// <exception cref="IssuerKeyFileException">The keys cannot be used.</exception>
    public static async Task<(WebApplication Application, IReadOnlyList<string> Urls)> StartAsync(
        string? configFile, IEnumerable<KeyValuePair<string, string?>> flags, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var configuration = new LiveConfiguration(configFile, _ => flags);
        configuration.AddTo(builder.Configuration);
        var settings = OptionsReader.Read<IssuerSettings>(builder.Configuration.GetSection(IssuerSettings.Section));
        builder.AddStandardErrorLogging();
        AddIssuer(builder.Services, settings);
        var tls = ServiceHosting.TlsOf(settings, IssuerSettings.Section, settings.Name is { } name ? new HostString(name).Host : null, settings.AsksForCertificates);
        // Half a kilobyte is more than any request for a token usually needs.
        var largestBody = ServiceHosting.LargestBody + (512 * settings.MaxBatch);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ListenService(settings.ListenUrls, tls, largestBody));
        builder.Services.AddAdmission(_ => settings.Connections.ToLimits(DescriptorBudget.Claim(settings.Connections.Reserve)));
        builder.Services.AddHostedService<IdleCollection>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(static _ => new ProxyMeter(isScraped: false));
        builder.Services.AddSingleton(new ServiceCertificate(settings, IssuerSettings.Section, tls));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<IssuerKeyLog>();
        builder.Services.AddSingleton<IIssuerDirectoryLog>(static services => services.GetRequiredService<IssuerKeyLog>());
        builder.Services.AddHostedService(static services => services.GetRequiredService<IssuerKeyLog>());
        builder.Services.AddSingleton(services => new GeofeedFile($"{IssuerSettings.Section}:{nameof(IssuerSettings.Metadata)}:{nameof(MetadataSettings.Geofeed)}", services.GetRequiredService<GeoHints>(), settings.Metadata.Geofeed));
        builder.Services.AddReloading<IssuerReload>(configuration);

        var application = builder.Build();
        var urls = await application.StartServiceAsync(settings, IssuerSettings.Section, Map, cancellationToken);
        application.Services.GetRequiredService<IssuerKeyLog>().Serves();
        return (application, urls);

        void Map()
        {
            application.Use(ServiceHosting.TrustWhoWasIssuedAToken);
            application.MapPrivacyPassIssuer();
            var log = application.Services.GetRequiredService<IssuerKeyLog>().Log;
            application.Map(IssuerDirectoryLog.Path + "/{**path}", (HttpContext context) => KeyLogResponse.SendAsync(context, log));
            application.MapRead("/healthz", static () => Results.Text("ok\n"));
        }
    }

    /// <summary>Who gets tokens, by certificate or key.</summary>
    public static TokenClientSettings ClientsOf(IssuerSettings settings) => new(
        settings.BearerKeys, settings.ClientThumbprints, settings.AsksForCertificates && settings.ClientAuthorities is { } file ? [file] : [], $"{IssuerSettings.Section}:{nameof(IssuerSettings.ClientAuthorities)}");

    private static void AddIssuer(IServiceCollection services, IssuerSettings settings)
    {
        services.AddRoutingCore();
        AddAttester(services.AddPrivacyPassIssuer(options => Apply(settings, options)), settings);
    }

    private static void Apply(IssuerSettings settings, PrivacyPassIssuerOptions options)
    {
        options.Keys.Directory = settings.Data;
        foreach (var type in settings.TokenTypes) options.Keys.TokenTypes.Add((TokenType)type);
        options.Keys.RotationInterval = settings.RotationInterval;
        options.Keys.KeyLifetime = settings.KeyLifetime;
        options.Keys.PublishAhead = settings.PublishAhead;
        options.MaxConcurrency = settings.MaxConcurrency;
        options.MaxQueued = settings.MaxQueued;
        options.MaxBatch = settings.MaxBatch;
        options.Extensions.LongestLife = settings.Metadata.LongestLife;
        options.Extensions.LeastPrecision = settings.Metadata.LeastPrecision;
        options.Extensions.GeofeedFile = settings.Metadata.Geofeed;
        options.Extensions.AttesterChecksHints = settings.Attester == AttesterKind.Separate;
        if (settings.RequestUri is { } requestUri) options.RequestUri = new Uri(requestUri);
        // A directory cached for longer than a key is published ahead would hide the key from its first users.
        if (settings.PublishAhead < options.DirectoryMaxAge) options.DirectoryMaxAge = settings.PublishAhead;
    }

    private static void AddAttester(TokenAttestationBuilder issuer, IssuerSettings settings)
    {
        var clients = new TokenClients(ClientsOf(settings));
        issuer.Services.AddSingleton(clients);
        switch (settings.Attester)
        {
            case AttesterKind.Bearer:
                ServiceHosting.CreateData(settings, IssuerSettings.Section);
                issuer.KeepQuotas(settings.Quotas ?? Path.Combine(settings.Data, ServiceHosting.QuotaFileName));
                clients.UseBearerKeys(issuer);
                break;
            case AttesterKind.Mtls or AttesterKind.Separate:
                clients.UseClientCertificates(issuer);
                break;
            default:
                issuer.AllowEverybody();
                break;
        }
    }
}
