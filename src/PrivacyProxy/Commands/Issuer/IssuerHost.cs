using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using PrivacyPass;
using PrivacyPass.AspNetCore;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Keys;
using PrivacyProxy.Admission;
using PrivacyProxy.Admission.Http2;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.Hosting.Systemd;
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
        AddLogging(builder);
        AddIssuer(builder.Services, settings);
        var tls = urls.Exists(static url => url.Tls) ? new ServerTls(CertificateFor(settings, urls), settings.Certificate, asksClients: settings.Attester == AttesterKind.Mtls) : null;
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, urls, tls, settings.MaxBatch));
        builder.Services.AddAdmission(_ => settings.Connections.ToLimits(DescriptorBudget.Claim(settings.Connections.Reserve)));
        builder.Services.AddHostedService<IdleCollection>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(static _ => new ProxyMeter(isScraped: false));
        builder.Services.AddSingleton(new IssuerCertificate(settings, tls));
        builder.Services.AddReloading<IssuerReload>(configuration);

        var application = builder.Build();
        try
        {
            application.UseMiddleware<RequestLimits>();
            application.Use(TrustWhoWasIssuedAToken);
            application.MapPrivacyPassIssuer();
            application.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], static () => "ok\n");
            await application.StartAsync(cancellationToken);
            application.Services.GetRequiredService<ServiceNotice>().Started();
            return (application, [.. urls.Zip(application.Urls, static (url, bound) => url.WithPort(BindingAddress.Parse(bound).Port))]);
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

    private static void Listen(KestrelServerOptions kestrel, List<ListenUrl> urls, ServerTls? tls, int maxBatch)
    {
        kestrel.AddServerHeader = false;
        // Half a kilobyte is more than any request for a token usually needs.
        kestrel.Limits.MaxRequestBodySize = (64 * 1024) + (512 * maxBatch);
        foreach (var url in urls) kestrel.Listen(url.EndPoint, listen =>
        {
            if (!url.Tls) return;
            // The attester decides who may have tokens, with its own list and authorities; the system's have no say.
            listen.UseTls(tls!.ForKestrel());
            listen.Use(StrangerStreams.WatchChosen);
        });
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

    /// <summary>Everything goes to standard error: standard output holds the ready line alone.</summary>
    private static void AddLogging(WebApplicationBuilder builder)
    {
        ConsoleLogging.Check(builder.Configuration);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
