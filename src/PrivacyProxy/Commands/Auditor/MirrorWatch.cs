using PrivacyPass.Issuance;
using PrivacyProxy.KeyLogs;
using TransparencyLog.Notes;
using TransparencyLog.Reading;
using TransparencyLog.Storage;
using TransparencyLog.Witnesses;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>Reads another place where an issuer's directory is seen.</summary>
internal sealed class MirrorWatch : IDisposable
{
    private readonly string _issuer;
    private readonly HttpClient _http;
    private readonly Uri? _directory;
    private readonly Cosigner? _log;
    private long _read;

    public MirrorWatch(MirrorSettings settings, string issuer, NoteSigner signer, string folder, TimeProvider time)
    {
        _issuer = issuer;
        _http = LogHttp.CreateClient(settings.CaFile);
        if (settings.Directory is { } directory) _directory = IssuerDirectory.UrlOf(new Uri(directory));
        else
        {
            var key = NoteKey.Parse(settings.LogKey!);
            // Apart for each issuer: two may be followed through one proxy.
            _log = new Cosigner(key, signer, new LogReader(_http, new Uri(settings.LogUrl!)), Path.Combine(folder, "mirrors", IssuerWatch.NameOf(issuer), IssuerWatch.NameOf(key.Name + settings.LogUrl)), time);
        }

        Place = (_directory ?? new Uri(settings.LogUrl!)).ToString();
    }

    public string Place { get; }

    /// <summary>The directories that are new there.</summary>
    /// <exception cref="LogUnreachableException">It cannot be read.</exception>
    public async Task<(IReadOnlyList<SeenDirectory> Directories, GrowthFault Fault)> LookAsync(CancellationToken cancellationToken)
    {
        if (_directory is not null) return ([new SeenDirectory(Place, await IssuerWatch.FetchAsync(_http, _directory, cancellationToken), IsFirstHand: false)], GrowthFault.None);
        var fault = await _log!.FollowAsync(inTurn: null, cancellationToken);
        List<SeenDirectory> seen = [];
        for (; _read < _log.Copy.Size; _read++)
            if (IssuerDirectoryLog.TryDecodeEntry(_log.Copy.ReadEntry(_read), out var name, out var body) && name == _issuer) seen.Add(new SeenDirectory(Place, body.ToArray(), IsFirstHand: false));
        return (seen, fault);
    }

    public void Dispose()
    {
        _log?.Dispose();
        _http.Dispose();
    }
}
