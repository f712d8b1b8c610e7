using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyPass;
using PrivacyPass.AspNetCore;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;
using PrivacyProxy.Admission;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.Hosting.Systemd;
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
        var urls = ParseUrls(settings);
        builder.AddStandardErrorLogging();
        AddIssuer(builder.Services, settings);
        var tls = urls.Exists(static url => url.Tls) ? new ServerTls(CertificateFor(settings, urls), asksClients: settings.Attester == AttesterKind.Mtls) : null;
        // Half a kilobyte is more than any request for a token usually needs.
        var largestBody = ServiceHosting.LargestBody + (512 * settings.MaxBatch);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ListenService(urls, tls, largestBody));
        builder.Services.AddAdmission(_ => settings.Connections.ToLimits(DescriptorBudget.Claim(settings.Connections.Reserve)));
        builder.Services.AddHostedService<IdleCollection>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(static _ => new ProxyMeter(isScraped: false));
        builder.Services.AddSingleton(new IssuerCertificate(settings, tls));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<IssuerKeyLog>();
        builder.Services.AddSingleton<IIssuerDirectoryLog>(static services => services.GetRequiredService<IssuerKeyLog>());
        builder.Services.AddHostedService(static services => services.GetRequiredService<IssuerKeyLog>());
        builder.Services.AddReloading<IssuerReload>(configuration);

        var application = builder.Build();
        try
        {
            application.UseMiddleware<RequestLimits>();
            application.Use(TrustWhoWasIssuedAToken);
            application.MapPrivacyPassIssuer();
            var log = application.Services.GetRequiredService<IssuerKeyLog>();
            application.Map(IssuerDirectoryLog.Path + "/{**path}", (HttpContext context) => KeyLogResponse.SendAsync(context, log.Log));
            application.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], static () => "ok\n");
            await application.StartAsync(cancellationToken);
            log.Serves();
            application.Services.GetRequiredService<ServiceNotice>().Started();
            return (application, [.. urls.Zip(application.Urls, static (url, bound) => url.WithPort(BindingAddress.Parse(bound).Port))]);
        }
        catch (InvalidDataException e)
        {
            await application.DisposeAsync();
            throw new InvalidConfigurationException($"{IssuerSettings.Section}:{nameof(IssuerSettings.Data)}", settings.Data, $"a folder whose key log is whole and of this issuer ({e.Message.TrimEnd('.')})");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new InvalidConfigurationException($"{IssuerSettings.Section}:{nameof(IssuerSettings.Urls)}", string.Join(';', settings.Urls), $"addresses that can be listened on ({e.Message.TrimEnd('.')})");
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its connection is not closed for those of strangers; where everybody gets tokens this costs them a signature each.</summary>
    private static async Task TrustWhoWasIssuedAToken(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (!HttpMethods.IsPost(context.Request.Method) || context.Response.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status206PartialContent)) return;
        if (context.Features.Get<AdmittedConnection>() is { } connection) context.Features.Get<ConnectionRegistry>()?.Trust(connection);
    }

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
        // A directory cached for longer than a key is published ahead would hide the key from its first users.
        if (settings.PublishAhead < options.DirectoryMaxAge) options.DirectoryMaxAge = settings.PublishAhead;
    }

    private static void AddAttester(PrivacyPassIssuerBuilder issuer, IssuerSettings settings)
    {
        var clients = new IssuerClients(settings);
        issuer.Services.AddSingleton(clients);
        switch (settings.Attester)
        {
            case AttesterKind.Bearer:
                issuer.UseBearerKeys(clients.Apply).Services.AddSingleton<IOptionsChangeTokenSource<BearerAttesterOptions>>(clients);
                break;
            case AttesterKind.Mtls:
                issuer.UseClientCertificates(clients.Apply).Services.AddSingleton<IOptionsChangeTokenSource<ClientCertificateAttesterOptions>>(clients);
                break;
            default:
                issuer.AllowEverybody();
                break;
        }
    }

    private static List<ListenUrl> ParseUrls(IssuerSettings settings)
    {
        List<ListenUrl> urls = [];
        foreach (var text in settings.Urls)
        {
            if (!ListenUrl.TryParse(text, out var url))
                throw new InvalidConfigurationException($"{IssuerSettings.Section}:{nameof(IssuerSettings.Urls)}", text, ListenUrl.Expected);
            if (settings.Attester == AttesterKind.Mtls && !url.Tls)
                throw new InvalidConfigurationException($"{IssuerSettings.Section}:{nameof(IssuerSettings.Urls)}", text, "https:// for the mtls attester");
            urls.Add(url);
        }

        return urls.Count > 0 ? urls : throw new InvalidConfigurationException($"{IssuerSettings.Section}:{nameof(IssuerSettings.Urls)}", null, ListenUrl.Expected);
    }

    private static ServerCertificate CertificateFor(IssuerSettings settings, List<ListenUrl> urls)
    {
        if (settings.Certificate is { } file) return ServerCertificate.Load(file, settings.CertificateKey, IssuerSettings.Section);
        using var authority = CertificateAuthority.LoadOrCreate("PrivacyProxy issuer's throw-away CA", settings.Data);
        try
        {
            // The keys come here too: not readable by others from the first moment.
            OwnFiles.CreateFolder(settings.Data, OwnFiles.PrivateFolder);
            authority.WriteTo(settings.Data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException($"{IssuerSettings.Section}:{nameof(IssuerSettings.Data)}", settings.Data, $"a folder that can be written ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }

        var hosts = urls.Select(static url => url.Host).Where(static host => host != ListenUrl.AnyHost);
        if (settings.Name is { } name) hosts = hosts.Append(new HostString(name).Host);
        return new ServerCertificate(authority.IssueServer(["localhost", "127.0.0.1", "::1", .. hosts]), []);
    }
}
