using PrivacyProxy.Admission;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.Recording.Instruments;
using Tunneling.Admission;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>Puts an auditor together and starts it.</summary>
internal static class AuditorHost
{
    /// <summary>Starts an auditor; the caller disposes it.</summary>
    /// <param name="configFile">The file of --config, null without.</param>
    /// <param name="flags">Settings that go over all others, by their full keys.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <returns>The application, the URLs it listens on, and its key.</returns>
    /// <exception cref="InvalidConfigurationException">A setting is invalid, an address cannot be listened on, or the folder cannot be used.</exception>
    public static async Task<(WebApplication Application, IReadOnlyList<string> Urls, string Key)> StartAsync(
        string? configFile, IEnumerable<KeyValuePair<string, string?>> flags, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var configuration = new LiveConfiguration(configFile, _ => flags);
        configuration.AddTo(builder.Configuration);
        var settings = OptionsReader.Read<AuditorSettings>(builder.Configuration.GetSection(AuditorSettings.Section));
        builder.AddStandardErrorLogging();
        var tls = ServiceHosting.TlsOf(settings, AuditorSettings.Section);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ListenService(settings.ListenUrls, tls));
        builder.Services.AddAdmission(_ => settings.Connections.ToLimits(DescriptorBudget.Claim(settings.Connections.Reserve)));
        builder.Services.AddHostedService<IdleCollection>();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(static _ => new ProxyMeter());
        builder.Services.AddSingleton(static services => new Exposition(services.GetRequiredService<ProxyMeter>().Registry));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<AuditorService>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<AuditorService>());
        builder.Services.AddSingleton(new ServiceCertificate(settings, AuditorSettings.Section, tls));
        builder.Services.AddReloading<AuditorReload>(configuration);

        var application = builder.Build();
        AuditorService? auditor = null;
        var urls = await application.StartServiceAsync(settings, AuditorSettings.Section, Map, cancellationToken);
        return (application, urls, auditor!.Key.ToString());

        void Map()
        {
            ServiceHosting.CreateData(settings, AuditorSettings.Section);
            ServiceHosting.Use(settings, AuditorSettings.Section, _ => auditor = application.Services.GetRequiredService<AuditorService>());
            application.MapAuditor(auditor!);
            application.MapMetrics(application.Services.GetRequiredService<Exposition>());
        }
    }
}
