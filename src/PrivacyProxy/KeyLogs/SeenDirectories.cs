using Microsoft.Extensions.Options;
using PrivacyPass.Issuance;
using PrivacyProxy.Certificates;
using PrivacyProxy.Requests;

namespace PrivacyProxy.KeyLogs;

/// <summary>
/// The log of every version of an issuer's directory that this proxy was shown. A log that cannot be kept keeps no tunnel from being opened: it is said once,
/// and auditors see that it does not grow.
/// </summary>
internal sealed partial class SeenDirectories(IOptions<KeyLogOptions> options, IOptions<TlsOptions> tls, IProxyIdentity identity, TimeProvider time, ILogger<SeenDirectories> logger) : IDisposable
{
    private const string FolderName = "key-log";

    /// <summary>Of a proxy that knows no name of its own.</summary>
    private const string Nameless = "proxy";

    /// <summary>An issuer that shows another directory each time fills no disk: it is found out by the first few.</summary>
    private const int MostADay = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTimeOffset Since, int Count)> _appended = new(StringComparer.Ordinal);
    private KeyLog? _log;
    private string? _fault;

    /// <summary>Null before the first directory, and while the log is off or cannot be kept.</summary>
    public KeyLog? Log => Volatile.Read(ref _log);

    /// <summary>Appends a version, unless it is the last one of the log.</summary>
    public void Append(string issuerName, ReadOnlySpan<byte> directory)
    {
        if (!options.Value.Enabled) return;
        var folder = options.Value.Folder ?? Path.Combine(tls.Value.Data, FolderName);
        lock (_gate)
        {
            try
            {
                if (IsFull(issuerName)) return;
                if (_log is null) Volatile.Write(ref _log, KeyLog.Open(folder, name: null, identity.Name ?? Nameless, time));
                // Of several issuers in turn, the last version of this one is not always the last entry.
                if (_log!.Log.Append(IssuerDirectoryLog.EncodeEntry(issuerName, directory), static (entry, earlier) => IsOfOneIssuer(entry, earlier))) Count(issuerName);
                _fault = null;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
            {
                var fault = e.Message.ReplaceLineEndings(" ");
                if (fault != _fault) LogFailed(folder, fault);
                _fault = fault;
            }
        }
    }

    public void Dispose() => _log?.Dispose();

    private bool IsFull(string issuerName) =>
        _appended.TryGetValue(issuerName, out var appended) && appended.Count >= MostADay && time.GetUtcNow() - appended.Since < TimeSpan.FromDays(1);

    private void Count(string issuerName)
    {
        var now = time.GetUtcNow();
        if (!_appended.TryGetValue(issuerName, out var appended) || now - appended.Since >= TimeSpan.FromDays(1)) appended = (now, 0);
        _appended[issuerName] = appended with { Count = appended.Count + 1 };
        if (appended.Count + 1 < MostADay) LogAppended(issuerName, _log!.Log.Key);
        else LogFull(issuerName, MostADay);
    }

    private static bool IsOfOneIssuer(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> earlier) =>
        IssuerDirectoryLog.TryDecodeEntry(entry, out var name, out _) && IssuerDirectoryLog.TryDecodeEntry(earlier, out var other, out _) && name == other;

    [LoggerMessage(EventId = 2351, Level = LogLevel.Information, Message = "Issuer {Issuer}: another version of its directory, now in the key log {Key}.")]
    private partial void LogAppended(string issuer, TransparencyLog.Notes.NoteKey key);

    [LoggerMessage(EventId = 2353, Level = LogLevel.Warning, Message = "Issuer {Issuer} has shown {Count} versions of its directory within a day; more are not logged today.")]
    private partial void LogFull(string issuer, int count);

    [LoggerMessage(EventId = 2352, Level = LogLevel.Warning, Message = "The key log in {Folder} cannot be kept: {Problem}. Tunnels are not affected; auditors do not see what this proxy is shown.")]
    private partial void LogFailed(string folder, string problem);
}
