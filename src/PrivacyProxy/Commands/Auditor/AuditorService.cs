using System.Diagnostics.Metrics;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Recording.Instruments;
using TransparencyLog.Notes;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>Looks at every issuer, again and again.</summary>
internal sealed partial class AuditorService : BackgroundService
{
    private const string KeyName = "auditor.key";

    private readonly NoteSigner _signer;
    private readonly List<IssuerWatch> _issuers;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditorService> _logger;
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The folder is damaged or of another auditor; says which file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public AuditorService(AuditorSettings settings, ProxyMeter meter, TimeProvider time, ILoggerFactory loggers)
    {
        (_interval, _time, _logger) = (settings.Interval, time, loggers.CreateLogger<AuditorService>());
        _signer = SignerFile.LoadOrCreate(Path.Combine(settings.Data, KeyName), settings.Name, settings.Name ?? new Uri(settings.Urls[0]).Authority, NoteKeyKind.Cosignature);
        Findings = new Findings(settings.Data, time, loggers.CreateLogger<Findings>());
        _issuers = [.. settings.Issuers.Select(issuer => new IssuerWatch(issuer, _signer, Findings, settings.Data, time))];
        meter.ObservedGauge("privacy_auditor_findings", null, "What issuers did that they must not, and evidence is kept of.", ReadFindings, "issuer", "kind");
        meter.ObservedGauge("privacy_auditor_look_age_seconds", "s", "How long ago everything about an issuer was last looked at; since the start where it never was.", ReadAges, "issuer");
        meter.ObservedGauge("privacy_auditor_log_size", null, "Versions of the issuer's directory in the copy of its log.", ReadSizes, "issuer");
        Started = time.GetUtcNow();
    }

    public NoteKey Key => _signer.Key;

    public Findings Findings { get; }

    private DateTimeOffset Started { get; }

    /// <summary>By the origin of its log; null for another.</summary>
    public IssuerWatch? Find(string origin) => _issuers.Find(issuer => issuer.Cosigner.Log.Name == origin);

    /// <summary>By the hash of the origin.</summary>
    public IssuerWatch? FindByHash(string hash) => _issuers.Find(issuer => IssuerWatch.NameOf(issuer.Cosigner.Log.Name) == hash);

    public override void Dispose()
    {
        base.Dispose();
        foreach (var issuer in _issuers) issuer.Dispose();
        _signer.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_issuers.Select(issuer => FollowAsync(issuer, stoppingToken)));

    private async Task FollowAsync(IssuerWatch issuer, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Tell(issuer.Issuer, string.Join(' ', await issuer.LookAsync(stoppingToken)));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                Tell(issuer.Issuer, e.Message.ReplaceLineEndings(" "));
            }

            await Task.Delay(_interval, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Tell(string issuer, string problem)
    {
        lock (_told)
        {
            if (_told.GetValueOrDefault(issuer, "") == problem) return;
            _told[issuer] = problem;
        }

        if (problem.Length > 0) LogBlind(issuer, problem);
        else LogSees(issuer);
    }

    private IEnumerable<Measurement<int>> ReadFindings()
    {
        var found = Findings.All;
        foreach (var issuer in _issuers)
            foreach (var kind in Finding.Kinds)
                yield return new(found.Count(finding => finding.Issuer == issuer.Issuer && finding.Kind == kind), new("issuer", issuer.Issuer), new("kind", kind));
    }

    private IEnumerable<Measurement<double>> ReadAges() =>
        _issuers.Select(issuer => new Measurement<double>(Math.Max(0, (_time.GetUtcNow() - (issuer.Looked ?? Started)).TotalSeconds), new KeyValuePair<string, object?>("issuer", issuer.Issuer)));

    private IEnumerable<Measurement<long>> ReadSizes() => _issuers.Select(static issuer => new Measurement<long>(issuer.Cosigner.Copy.Size, new KeyValuePair<string, object?>("issuer", issuer.Issuer)));

    [LoggerMessage(EventId = 2992, Level = LogLevel.Warning, Message = "Issuer {Issuer}: not everything could be looked at. {Problem}")]
    private partial void LogBlind(string issuer, string problem);

    [LoggerMessage(EventId = 2993, Level = LogLevel.Information, Message = "Issuer {Issuer}: everything was looked at.")]
    private partial void LogSees(string issuer);
}
