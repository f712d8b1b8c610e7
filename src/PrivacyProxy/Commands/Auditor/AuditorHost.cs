using System.Net.Sockets;
using System.Security.Cryptography;
using PrivacyProxy.Admission;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.Hosting.Systemd;
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
        List<ListenUrl> urls = [.. settings.Urls.Select(static text => ListenUrl.TryParse(text, out var url) ? url : null).OfType<ListenUrl>()];
        builder.AddStandardErrorLogging();
        var tls = urls.Exists(static url => url.Tls) ? new ServerTls(ServerCertificate.Load(settings.Certificate!, settings.CertificateKey, AuditorSettings.Section)) : null;
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ListenService(urls, tls));
        builder.Services.AddAdmission(_ => settings.Connections.ToLimits(DescriptorBudget.Claim(settings.Connections.Reserve)));
        builder.Services.AddHostedService<IdleCollection>();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(static _ => new ProxyMeter());
        builder.Services.AddSingleton(static services => new Exposition(services.GetRequiredService<ProxyMeter>().Registry));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<AuditorService>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<AuditorService>());
        if (tls is not null) builder.Services.AddSingleton(tls);
        builder.Services.AddReloading<AuditorReload>(configuration);

        var application = builder.Build();
        try
        {
            var auditor = Open(application, settings);
            application.UseMiddleware<RequestLimits>();
            application.MapAuditor(auditor);
            application.MapMetrics(application.Services.GetRequiredService<Exposition>());
            await application.StartAsync(cancellationToken);
            application.Services.GetRequiredService<ServiceNotice>().Started();
            return (application, [.. urls.Zip(application.Urls, static (url, bound) => url.WithPort(BindingAddress.Parse(bound).Port))], auditor.Key.ToString());
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new InvalidConfigurationException($"{AuditorSettings.Section}:{nameof(AuditorSettings.Urls)}", string.Join(';', settings.Urls), $"addresses that can be listened on ({e.Message.TrimEnd('.')})");
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    private static AuditorService Open(WebApplication application, AuditorSettings settings)
    {
        try
        {
            OwnFiles.CreateFolder(settings.Data, OwnFiles.PrivateFolder);
            return application.Services.GetRequiredService<AuditorService>();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidConfigurationException($"{AuditorSettings.Section}:{nameof(AuditorSettings.Data)}", settings.Data, $"a folder of this auditor that can be used ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
    }
}
