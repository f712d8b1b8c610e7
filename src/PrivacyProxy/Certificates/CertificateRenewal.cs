using PrivacyProxy.Configuration;

namespace PrivacyProxy.Certificates;

/// <summary>Looks whether the files of the configured certificate have changed, and shows the new one. One that cannot be used is told once, and the old one stays.</summary>
internal sealed partial class CertificateRenewal(ProxyCertificate certificate, TimeProvider time, ILogger<CertificateRenewal> logger) : IHostedService, IDisposable
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _looking = new();
    private ITimer? _timer;
    private string? _seen;
    private bool _isTold;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Without https there is none; one that was made does not change.
        if (certificate.Files is not null) _timer = time.CreateTimer(static state => ((CertificateRenewal)state!).Look(), this, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        // A timer does not wait for its last turn.
        if (!_looking.TryEnter()) return;
        try
        {
            Look(certificate.Files!);
        }
        finally
        {
            _looking.Exit();
        }
    }

    private void Look(CertificateFiles files)
    {
        var digest = files.Digest();
        var before = _seen ?? certificate.Digest;
        if (digest == before && (_seen is null || _isTold)) return;
        // Files are written one after the other: what does not fit now may at the next look.
        var isSettled = digest == _seen;
        try
        {
            certificate.Renew(digest);
            (_seen, _isTold) = (null, false);
            LogRenewed(files.Certificate);
        }
        catch (Exception exception)
        {
            (_seen, _isTold) = (digest, isSettled);
            if (isSettled) LogUnusable(exception is InvalidConfigurationException ? exception.Message.ReplaceLineEndings(" ").TrimEnd('.') : exception.GetType().Name);
        }
    }

    [LoggerMessage(EventId = 2302, Level = LogLevel.Information, Message = "The certificate in {File} has changed: new connections get it.")]
    private partial void LogRenewed(string file);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Warning, Message = "The certificate has changed and cannot be used: {Problem}. The one before stays.")]
    private partial void LogUnusable(string problem);
}
