using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Certificates;

/// <summary>The certificate of the https listeners: the configured one, or a throw-away one.</summary>
internal sealed partial class ProxyCertificate(IOptions<TlsOptions> options, ILogger<ProxyCertificate> logger) : IDisposable
{
    private const string DataKey = $"{TlsOptions.Section}:{nameof(TlsOptions.Data)}";

    private ServerTls? _tls;
    private CertificateAuthority? _authority;

    /// <summary>The files of the certificate that is shown; null where it was made, or nobody has asked for one.</summary>
    public CertificateFiles? Files { get; private set; }

    /// <summary>What <see cref="CertificateFiles.Digest"/> was when it was loaded.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>TLS of the https listeners.</summary>
    /// <param name="hosts">Names and addresses by which clients may reach the proxy, for a throw-away certificate.</param>
    /// <exception cref="InvalidConfigurationException">The configured certificate cannot be used.</exception>
    public ServerTls Tls(IEnumerable<string> hosts) => _tls ??= new ServerTls(LoadOrMake(hosts), options.Value.Certificate);

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

    /// <summary>Shows what is in the files now.</summary>
    /// <param name="digest">Of the files, taken before.</param>
    /// <exception cref="InvalidConfigurationException">It cannot be used; then nothing has changed.</exception>
    public void Renew(string digest)
    {
        _tls!.Use(Files!.Load());
        Digest = digest;
    }

    private ServerCertificate LoadOrMake(IEnumerable<string> hosts)
    {
        if (options.Value.Certificate is { } file)
        {
            Files = new CertificateFiles(file, options.Value.CertificateKey);
            Digest = Files.Digest();
            return Files.Load();
        }

        _authority = CertificateAuthority.LoadOrCreate("PrivacyProxy throw-away CA", options.Value.Data);
        return new ServerCertificate(_authority.IssueServer(["localhost", "127.0.0.1", "::1", .. hosts]), []);
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "Made a throw-away certificate; clients trust it by {File}, which the next start uses again.")]
    private partial void LogThrowAway(string file);
}
