using System.Net;
using System.Security.Cryptography;
using System.Text;
using PrivacyPass.Issuance;
using PrivacyProxy.KeyLogs;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Reading;
using TransparencyLog.Storage;
using TransparencyLog.Witnesses;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>
/// Follows one issuer: what it shows here, what mirrors and proxies were shown, and its log, which must have all of it. The places are read before the log: an
/// issuer logs a directory before it shows it.
/// </summary>
internal sealed class IssuerWatch : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _directory;
    private readonly Findings _findings;
    private readonly KeyCount _keys;
    private readonly List<MirrorWatch> _mirrors;
    private readonly TimeProvider _time;
    private long _checked;

    /// <exception cref="InvalidDataException">A copy is damaged; says which file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="CryptographicException">A file of authorities holds none.</exception>
    public IssuerWatch(AuditedIssuerSettings settings, NoteSigner signer, Findings findings, string folder, TimeProvider time)
    {
        (_findings, _time) = (findings, time);
        _http = LogHttp.CreateClient(settings.CaFile);
        _directory = IssuerDirectory.UrlOf(new Uri(settings.Directory));
        var key = NoteKey.Parse(settings.LogKey);
        Issuer = IssuerDirectoryLog.IssuerOf(key.Name)!;
        var url = settings.LogUrl is { } given ? new Uri(given) : IssuerDirectoryLog.UrlOf(_directory);
        Cosigner = new Cosigner(key, signer, new LogReader(_http, url), FolderOf(folder, key), time);
        _mirrors = [.. settings.Mirrors.Select(mirror => new MirrorWatch(mirror, Issuer, signer, folder, time))];
        _keys = new KeyCount(settings.MostNewKeys);
    }

    public string Issuer { get; }

    public Cosigner Cosigner { get; }

    /// <summary>When everything was last looked at.</summary>
    public DateTimeOffset? Looked { get; private set; }

    /// <summary>Where the copy of a log is, and where its checkpoint is told: the hash of its origin (C2SP tlog-mirror).</summary>
    public static string NameOf(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    public static string FolderOf(string folder, NoteKey key) => Path.Combine(folder, "logs", NameOf(key.Name));

    /// <summary>Looks at every place once.</summary>
    /// <returns>What could not be looked at, a sentence each.</returns>
    public async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        List<string> problems = [];
        List<SeenDirectory> seen = [];
        await TryAsync(async () => seen.Add(new SeenDirectory(_directory.ToString(), await FetchAsync(_http, _directory, cancellationToken), IsFirstHand: true)));
        foreach (var mirror in _mirrors)
            await TryAsync(async () =>
            {
                var (directories, fault) = await mirror.LookAsync(cancellationToken);
                seen.AddRange(directories);
                if (fault != GrowthFault.None) Add(fault, mirror.Place, Encoding.UTF8.GetBytes(mirror.Place));
            });
        await TryAsync(() => Cosigner.FollowAsync(fault => Check(fault, seen), cancellationToken));
        if (problems.Count == 0) Looked = _time.GetUtcNow();
        return problems;

        async Task TryAsync(Func<Task> look)
        {
            try
            {
                await look();
            }
            catch (LogUnreachableException e)
            {
                problems.Add(e.Message);
            }
        }
    }

    public void Dispose()
    {
        foreach (var mirror in _mirrors) mirror.Dispose();
        Cosigner.Dispose();
        _http.Dispose();
    }

    internal static async Task<byte[]> FetchAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.ParseAdd(PrivateTokenMediaTypes.IssuerDirectory);
        var (status, body) = await LogReader.SendAsync(http, request, IssuerDirectory.MaxSize, cancellationToken);
        return status == HttpStatusCode.OK ? body : throw new LogUnreachableException($"{url} answered {(int)status}.");
    }

    private void Check(GrowthFault fault, List<SeenDirectory> seen)
    {
        if (fault != GrowthFault.None)
        {
            // What it shows now is the evidence; what it showed before is the copy.
            Add(fault, $"{Issuer}{IssuerDirectoryLog.Path}", Encoding.UTF8.GetBytes(Cosigner.Read?.ToString() ?? ""));
            return;
        }

        var missing = seen.Where(directory => !IsLogged(directory.Body)).ToList();
        foreach (var directory in missing) _findings.Add(Issuer, Finding.NotLogged, directory.Place, directory.Body);
        CheckEntries();
        // What a mirror says of the issuer may be the mirror's lie; what it told us itself is not.
        Cosigner.Disputed = missing.Exists(static directory => directory.IsFirstHand) ? "a directory that the issuer shows is not in its log." : null;
        Cosigner.Cosign();
    }

    private bool IsLogged(byte[] directory) => Cosigner.Copy.Contains(MerkleHash.OfLeaf(IssuerDirectoryLog.EncodeEntry(Issuer, directory)));

    /// <summary>What has come into the log since the last look.</summary>
    private void CheckEntries()
    {
        for (; _checked < Cosigner.Copy.Size; _checked++)
        {
            var entry = Cosigner.Copy.ReadEntry(_checked);
            if (Cosigner.Copy.FindFirst(MerkleHash.OfLeaf(entry)) < _checked) _findings.Add(Issuer, Finding.Returned, $"{Issuer}{IssuerDirectoryLog.Path}", entry);
            if (!IssuerDirectoryLog.TryDecodeEntry(entry, out _, out var body) || IssuerDirectory.TryParse(body, out var directory) != IssuerDirectoryError.None) continue;
            if (_keys.Add(directory!, Looked is null ? null : _time.GetUtcNow())) _findings.Add(Issuer, Finding.ManyKeys, $"{Issuer}{IssuerDirectoryLog.Path}", entry);
        }
    }

    private void Add(GrowthFault fault, string place, byte[] evidence) => _findings.Add(Issuer, fault == GrowthFault.Forked ? Finding.Forked : Finding.Shrunk, place, evidence);
}

/// <summary>A directory as it was seen somewhere.</summary>
/// <param name="Place">Where.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="IsFirstHand">The issuer itself showed it.</param>
internal sealed record SeenDirectory(string Place, byte[] Body, bool IsFirstHand);
