using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Certificates;

/// <summary>The certificate of the https listeners: the configured one, or a throw-away one.</summary>
internal sealed partial class ProxyCertificate(IOptions<TlsOptions> options, ILogger<ProxyCertificate> logger) : IDisposable
{
    private const string DataKey = $"{TlsOptions.Section}:{nameof(TlsOptions.Data)}";

    private ServerTls? _tls;
    private CertificateAuthority? _authority;

    /// <summary>TLS of the https listeners.</summary>
    /// <param name="hosts">Names and addresses by which clients may reach the proxy, for a throw-away certificate.</param>
    /// <param name="asksClients">Whether clients are asked for certificates too.</param>
    /// <exception cref="InvalidConfigurationException">The configured certificate cannot be used.</exception>
    public ServerTls Tls(IEnumerable<string> hosts, bool asksClients = false) => _tls ??= new ServerTls(LoadOrMake(hosts), asksClients);

    /// <summary>Loads the certificate of options that are to come; what is returned shows it to connections from then on. A throw-away one stays.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be used.</exception>
    public Action Prepare(TlsOptions next) =>
        _tls is { } tls && next.Certificate is { } file ? tls.Prepare(ServerCertificate.Load(file, next.CertificateKey)) : static () => { };

    /// <summary>
    /// Writes the throw-away authority's certificate, if there is one. Called when the proxy listens: one that cannot start
    /// must not put its own over that of one that runs.
    /// </summary>
    /// <exception cref="InvalidConfigurationException">The folder cannot be written.</exception>
    public void PublishAuthority()
    {
        if (_authority is null) return;
        var folder = options.Value.Data;
        try
        {
            var file = _authority.WriteTo(folder);
            LogThrowAway(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException(DataKey, folder, $"a folder that can be written ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
    }

    public void Dispose()
    {
        _tls?.Dispose();
        _authority?.Dispose();
    }

    private ServerCertificate LoadOrMake(IEnumerable<string> hosts)
    {
        if (options.Value.Certificate is { } file) return ServerCertificate.Load(file, options.Value.CertificateKey);
        _authority = CertificateAuthority.LoadOrCreate("PrivacyProxy throw-away CA", options.Value.Data);
        return new ServerCertificate(_authority.IssueServer(["localhost", "127.0.0.1", "::1", .. hosts]), []);
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "Made a throw-away certificate; clients trust it by {File}, which the next start uses again.")]
    private partial void LogThrowAway(string file);
}
