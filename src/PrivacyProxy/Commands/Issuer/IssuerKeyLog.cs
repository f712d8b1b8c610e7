using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.Issuance;
using PrivacyProxy.KeyLogs;
using TransparencyLog.Notes;
using TransparencyLog.Reading;
using TransparencyLog.Serving;
using TransparencyLog.Storage;
using TransparencyLog.Witnesses;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>
/// The issuer's own log of its directories. A version is served only when the log has it and the auditors were asked to cosign it; those that did not answer are
/// asked again. Old cosignatures are renewed, so that readers know that they are not shown the past.
/// </summary>
internal sealed partial class IssuerKeyLog : BackgroundService, IIssuerDirectoryLog
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _renewal = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _round = new(1, 1);
    private readonly string _name;
    private readonly string? _site;
    private readonly List<(WitnessClient Witness, HttpClient Http)> _auditors;
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly KeyLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger<IssuerKeyLog> _logger;
    private volatile bool _serves;
    private long _next;
    private int _failures;

    /// <exception cref="InvalidDataException">The log is damaged, of another name, or cannot be read or written; says which file.</exception>
    public IssuerKeyLog(IssuerSettings settings, TimeProvider time, ILogger<IssuerKeyLog> logger)
    {
        (_time, _logger, _site) = (time, logger, settings.LogSite);
        try
        {
            _log = KeyLog.Open(Path.Combine(settings.Data, FolderName), settings.Name, settings.NameOrAddress, time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(e.Message, e);
        }

        _name = IssuerDirectoryLog.IssuerOf(_log.Log.Key.Name)!;
        _auditors = [.. settings.Auditors.Select(static auditor =>
        {
            var http = LogHttp.CreateClient(auditor.CaFile);
            return (new WitnessClient(http, new Uri(auditor.Url), NoteKey.Parse(auditor.Key)), http);
        })];
    }

    /// <summary>Within the folder of the keys.</summary>
    public const string FolderName = "key-log";

    public StoredLog Log => _log.Log;

    public async Task AppendAsync(ReadOnlyMemory<byte> directory, CancellationToken cancellationToken)
    {
        try
        {
            Log.Append(IssuerDirectoryLog.EncodeEntry(_name, directory.Span));
            // Before it listens no auditor can read what it should cosign.
            if (_serves) await CosignAsync(cancellationToken);
            else if (Log.Head is var head && Log.Published.Text != head.Text) Publish(head, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var (_, http) in _auditors) http.Dispose();
        _round.Dispose();
        _log.Dispose();
    }

    /// <summary>Called when it listens.</summary>
    public void Serves() => _serves = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_auditors.Count == 0) return;
        using var timer = new PeriodicTimer(_look, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                if (_serves && _time.GetUtcNow().UtcTicks >= Volatile.Read(ref _next)) await RenewAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CosignAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            LogFailed(e.Message);
            Volatile.Write(ref _next, (_time.GetUtcNow() + _longestRetry).UtcTicks);
        }
    }

    /// <summary>Asks every auditor for its cosignature of the head, and shows the head to readers with those that came.</summary>
    private async Task CosignAsync(CancellationToken cancellationToken)
    {
        await _round.WaitAsync(cancellationToken);
        try
        {
            var head = Log.Head;
            var cosignatures = await Task.WhenAll(_auditors.Select(auditor => AskAsync(auditor.Witness, head, cancellationToken)));
            // What was said of this very head before stands, until it is too old.
            var before = Log.Published is { } published && published.Text == head.Text ? published.Signatures : [];
            var known = before.Where(old => _auditors.Exists(auditor => auditor.Witness.Key.Name == old.Name && auditor.Witness.Key.KeyId == old.KeyId));
            Publish(new SignedNote(head.Text, head.Signatures).With(known), cosignatures.OfType<NoteSignature>());
            _failures = cosignatures.Contains(null) ? _failures + 1 : 0;
            var retry = TimeSpan.FromTicks(Math.Min(_firstRetry.Ticks << Math.Min(_failures, 10), _longestRetry.Ticks));
            Volatile.Write(ref _next, (_time.GetUtcNow() + (_failures == 0 ? _renewal : retry)).UtcTicks);
        }
        finally
        {
            _round.Release();
        }
    }

    private async Task<NoteSignature?> AskAsync(WitnessClient auditor, SignedNote head, CancellationToken cancellationToken)
    {
        try
        {
            var signature = await auditor.AskAsync(Log, head, cancellationToken);
            lock (_told)
                if (_told.Remove(auditor.Key.Name)) LogCosigns(auditor.Key.Name);
            return signature;
        }
        catch (LogUnreachableException e)
        {
            lock (_told)
                if (_told.Add(auditor.Key.Name)) LogDoesNotCosign(auditor.Key.Name, e.Message);
            return null;
        }
    }

    private void Publish(SignedNote head, IEnumerable<NoteSignature> cosignatures)
    {
        Log.Publish(head, cosignatures);
        if (_site is not null) StaticSite.Write(Log, _site);
    }

    [LoggerMessage(EventId = 2981, Level = LogLevel.Warning, Message = "Auditor {Auditor} does not cosign the key log: {Problem} It is asked again; clients that ask for it refuse new keys until then.")]
    private partial void LogDoesNotCosign(string auditor, string problem);

    [LoggerMessage(EventId = 2982, Level = LogLevel.Information, Message = "Auditor {Auditor} cosigns the key log.")]
    private partial void LogCosigns(string auditor);

    [LoggerMessage(EventId = 2983, Level = LogLevel.Error, Message = "The key log cannot be published: {Problem}")]
    private partial void LogFailed(string problem);
}
