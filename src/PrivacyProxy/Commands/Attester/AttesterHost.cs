using PrivacyPass.AspNetCore;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Attestation.Quotas;
using PrivacyPass.AspNetCore.Forwarding;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.Issuance;
using PrivacyProxy.Admission;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption.Certificates;
using Tunneling.Admission;

namespace PrivacyProxy.Commands.Attester;

/// <summary>Puts an attester together and starts it.</summary>
internal static class AttesterHost
{
    /// <summary>Starts an attester; the caller disposes it.</summary>
    /// <param name="configFile">The file of --config, null without.</param>
    /// <param name="flags">Settings that go over all others, by their full keys.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="InvalidConfigurationException">A setting is invalid, an address cannot be listened on, or the folder cannot be used.</exception>
    public static async Task<StartedService> StartAsync(string? configFile, IEnumerable<KeyValuePair<string, string?>> flags, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var configuration = new LiveConfiguration(configFile, _ => flags);
        configuration.AddTo(builder.Configuration);
        var settings = OptionsReader.Read<AttesterSettings>(builder.Configuration.GetSection(AttesterSettings.Section));
        builder.AddStandardErrorLogging();
        var identity = AttesterIdentity.Load(settings);
        AddAttester(builder.Services, settings, options => options.ClientCertificate = identity);
        var tls = ServiceHosting.TlsOf(settings, AttesterSettings.Section, asksClients: settings.ClientCertificates.IsOn);
        var largestBody = ServiceHosting.LargestBody + (512 * settings.MaxBatch);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenService(settings.ListenUrls, tls, largestBody);
            if (ListenUrl.TryParse(settings.Management, out var management)) kestrel.Listen(management.EndPoint, listen => listen.Use(ManagementConnection.Mark));
        });
        builder.Services.AddAdmission(_ => settings.Connections.ToLimits(DescriptorBudget.Claim(settings.Connections.Reserve)));
        builder.Services.AddHostedService<IdleCollection>();
        builder.Services.AddSingleton(static _ => new ProxyMeter());
        builder.Services.AddSingleton(static services => new Exposition(services.GetRequiredService<ProxyMeter>().Registry));
        builder.Services.AddSingleton(new ServiceCertificate(settings, AttesterSettings.Section, tls));
        builder.Services.AddReloading<AttesterReload>(configuration);

        var application = builder.Build();
        var urls = await application.StartServiceAsync(settings, AttesterSettings.Section, Map, cancellationToken);
        return new StartedService(application, urls,
        [
            $"Clients get tokens with: --issuer {urls[0]}",
            $"The issuer knows it by the certificate: {ClientCertificateTrust.ThumbprintOf(identity)}",
        ]);

        void Map()
        {
            application.MapWhen(static context => context.Features.Get<ManagementConnection>() is not null, management => management.UseRouting().UseEndpoints(endpoints =>
            {
                MapHealth(endpoints, application.Services);
                endpoints.MapMetrics(application.Services.GetRequiredService<Exposition>());
            }));
            application.Use(ServiceHosting.TrustWhoWasIssuedAToken);
            application.MapPrivacyPassAttester();
            application.MapRead(IssuerDirectoryLog.Path + "/{**path}", static (HttpContext context, string? path, KeyLogPassage log) => log.SendAsync(context, path ?? ""));
            MapHealth(application, application.Services);
        }
    }

    /// <summary>Who gets tokens by keys and certificates.</summary>
    public static TokenClientSettings ClientsOf(AttesterSettings settings) => new(
        settings.BearerKeys, settings.ClientCertificates.Thumbprints, [.. settings.ClientCertificates.Authorities],
        $"{AttesterSettings.Section}:{nameof(AttesterSettings.ClientCertificates)}:{nameof(CertificateClientSettings.Authorities)}", settings.ClientCertificates.Quota, settings.ClientCertificates.Window);

    private static void AddAttester(IServiceCollection services, AttesterSettings settings, Action<PrivacyPassAttesterOptions> configure)
    {
        services.AddRoutingCore();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<AttesterMetrics>();
        services.AddSingleton<IIssuanceMetrics>(static provider => provider.GetRequiredService<AttesterMetrics>());
        services.AddSingleton<IIssuerLinkMetrics>(static provider => provider.GetRequiredService<AttesterMetrics>());
        services.AddSingleton<KeyLogPassage>();
        services.AddSingleton(provider => new GeofeedFile($"{AttesterSettings.Section}:{nameof(AttesterSettings.Geofeed)}", provider.GetRequiredService<GeoHints>(), settings.Geofeed));
        var clients = new TokenClients(ClientsOf(settings));
        services.AddSingleton(clients);
        var attester = services.AddPrivacyPassAttester(options =>
        {
            Apply(settings, options);
            configure(options);
        });
        ServiceHosting.CreateData(settings, AttesterSettings.Section);
        attester.KeepQuotas(settings.Quotas ?? Path.Combine(settings.Data, ServiceHosting.QuotaFileName));
        // In this order: what is no key may be an access token.
        if (settings.BearerKeys.Count > 0) clients.UseBearerKeys(attester);
        if (settings.Oidc.IsOn) attester.Use<OidcAttestation>();
        if (settings.ClientCertificates.IsOn) clients.UseClientCertificates(attester);
    }

    private static void Apply(AttesterSettings settings, PrivacyPassAttesterOptions options)
    {
        options.Issuer = new Uri(settings.Issuer.Url);
        if (settings.Issuer.RequestUri is { } request) options.IssuerRequestUri = new Uri(request);
        if (settings.Issuer.CaFile is { } file) options.IssuerAuthorities.AddRange(AuthorityFile.Read(file));
        options.Timeout = settings.Issuer.Timeout;
        options.MaxConcurrency = settings.MaxConcurrency;
        options.MaxQueued = settings.MaxQueued;
        options.MaxBatch = settings.MaxBatch;
        options.GeofeedFile = settings.Geofeed;
    }

    /// <summary>/healthz while it runs; /readyz when it can count and the issuer gives tokens.</summary>
    private static void MapHealth(IEndpointRouteBuilder endpoints, IServiceProvider services)
    {
        var (quotas, issuer) = (services.GetRequiredService<TokenQuotas>(), services.GetRequiredService<IssuerLink>());
        endpoints.MapRead("/healthz", static () => Results.Text("ok\n"));
        endpoints.MapRead("/readyz", async (CancellationToken cancellationToken) =>
        {
            var missing = new List<string>();
            if (quotas.Fault() is { } fault) missing.Add(fault);
            try
            {
                await issuer.GetAsync(cancellationToken);
            }
            catch (IOException)
            {
                missing.Add("The issuer's directory was never had.");
            }

            if (issuer.Problem is { } problem) missing.Add($"The issuer gives no tokens: {problem}");
            return missing.Count == 0 ? Results.Text("ready\n") : Results.Text($"not ready\n{string.Join('\n', missing)}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        });
    }
}
