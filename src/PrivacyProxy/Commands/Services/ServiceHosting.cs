using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using PrivacyProxy.Admission;
using PrivacyProxy.Admission.Http2;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Systemd;
using Tunneling.Admission;

namespace PrivacyProxy.Commands.Services;

/// <summary>What the services beside the proxy, issuer, attester and auditor, have alike.</summary>
internal static class ServiceHosting
{
    /// <summary>Of a request, where no more is asked for.</summary>
    public const int LargestBody = 64 * 1024;

    /// <summary>Of what is kept of quotas, where no other is set.</summary>
    public const string QuotaFileName = "quotas.db";

    /// <summary>Everything goes to standard error: standard output holds the ready line alone.</summary>
    public static void AddStandardErrorLogging(this WebApplicationBuilder builder)
    {
        ConsoleLogging.Check(builder.Configuration);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    /// <summary>Listens on every URL, with TLS on https ones.</summary>
    public static void ListenService(this KestrelServerOptions kestrel, IEnumerable<ListenUrl> urls, ServerTls? tls, int largestBody = LargestBody)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = largestBody;
        foreach (var url in urls) kestrel.Listen(url.EndPoint, listen =>
        {
            if (!url.Tls) return;
            listen.UseTls(tls!.ForKestrel());
            listen.Use(StrangerStreams.WatchChosen);
        });
    }

    /// <summary>TLS of https URLs, with the certificate that is set or a throw-away one; null where no URL is https.</summary>
    /// <param name="settings">Those of the service.</param>
    /// <param name="section">Theirs, for errors.</param>
    /// <param name="host">The name under which clients reach it; null where there is no other than those of the URLs.</param>
    /// <param name="asksClients">Asks clients for a certificate.</param>
    /// <exception cref="InvalidConfigurationException">A file cannot be read or written.</exception>
    public static ServerTls? TlsOf(ServiceSettings settings, string section, string? host = null, bool asksClients = false)
    {
        if (!settings.ListenUrls.Any(static url => url.Tls)) return null;
        var certificate = settings.Certificate is { } file ? ServerCertificate.Load(file, settings.CertificateKey, section) : ThrowAway(settings, section, host);
        return new ServerTls(certificate, asksClients);
    }

    /// <summary>Makes <see cref="ServiceSettings.Data"/>, not readable by others from the first moment.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be made.</exception>
    public static void CreateData(ServiceSettings settings, string section) => Use(settings, section, static data => OwnFiles.CreateFolder(data, OwnFiles.PrivateFolder));

    /// <summary>Does something with <see cref="ServiceSettings.Data"/>.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be done; names the setting.</exception>
    public static void Use(ServiceSettings settings, string section, Action<string> use)
    {
        try
        {
            use(settings.Data);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or CryptographicException)
        {
            throw Unusable(settings, section, e);
        }
    }

    /// <summary>Starts what has been built, or takes it down.</summary>
    /// <param name="application">The service.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="section">Theirs, for errors.</param>
    /// <param name="map">Makes its endpoints.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <returns>The URLs it listens on, with their real ports.</returns>
    /// <exception cref="InvalidConfigurationException">An address cannot be listened on, or the folder cannot be used.</exception>
    public static async Task<IReadOnlyList<string>> StartServiceAsync(this WebApplication application, ServiceSettings settings, string section, Action map, CancellationToken cancellationToken)
    {
        try
        {
            application.UseMiddleware<RequestLimits>();
            map();
            await application.StartAsync(cancellationToken);
            application.Services.GetRequiredService<ServiceNotice>().Started();
            return [.. settings.ListenUrls.Zip(application.Urls, static (url, bound) => url.WithPort(BindingAddress.Parse(bound).Port))];
        }
        catch (InvalidDataException e)
        {
            await application.DisposeAsync();
            throw Unusable(settings, section, e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new InvalidConfigurationException($"{section}:{nameof(ServiceSettings.Urls)}", string.Join(';', settings.Urls), $"addresses that can be listened on ({e.Message.TrimEnd('.')})");
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its connection is not closed for those of strangers; where everybody gets tokens this costs them a signature each.</summary>
    public static async Task TrustWhoWasIssuedAToken(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (!HttpMethods.IsPost(context.Request.Method) || context.Response.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status206PartialContent)) return;
        if (context.Features.Get<AdmittedConnection>() is { } connection) context.Features.Get<ConnectionRegistry>()?.Trust(connection);
    }

    private static InvalidConfigurationException Unusable(ServiceSettings settings, string section, Exception exception) =>
        new($"{section}:{nameof(ServiceSettings.Data)}", settings.Data, $"a folder of this service that can be used ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})");

    private static ServerCertificate ThrowAway(ServiceSettings settings, string section, string? host)
    {
        using var authority = CertificateAuthority.LoadOrCreate("PrivacyProxy issuer's throw-away CA", settings.Data);
        // Keys come here too.
        CreateData(settings, section);
        Use(settings, section, data => authority.WriteTo(data));
        var hosts = settings.ListenUrls.Select(static url => url.Host).Where(static name => name != ListenUrl.AnyHost);
        if (host is not null) hosts = hosts.Append(host);
        return new ServerCertificate(authority.IssueServer(["localhost", "127.0.0.1", "::1", .. hosts]), []);
    }
}
