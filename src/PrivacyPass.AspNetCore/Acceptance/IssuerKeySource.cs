using System.Buffers.Text;
using System.Security.Cryptography;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>Lists one issuer's keys from all its configured places: the directory's order first, then key files, then configured keys.</summary>
internal sealed class IssuerKeySource(IIssuerSettings options, TimeProvider time, IIssuerAudit? audit = null) : IDisposable
{
    private IssuerDirectoryClient? _client;
    private IReadOnlyList<IssuerDirectoryKey> _directoryKeys = [];
    private IReadOnlyList<ListedKey> _fileKeys = [];
    private HashSet<string> _skipped = new(StringComparer.Ordinal);
    private HashSet<string> _skippedBefore = new(StringComparer.Ordinal);

    public IIssuerSettings Options => options;

    public IssuerKeys Keys { get; } = new(options);

    /// <summary>What could not be used at the last listing and was not named at the one before: entries of the directory, key files.</summary>
    public IEnumerable<string> NewlySkipped => _skipped.Except(_skippedBefore, StringComparer.Ordinal);

    /// <summary>What is listed now. A place that fails does not hide the others, nor an odd entry the good ones.</summary>
    /// <returns>The keys, why a place could not be read (null when all could), and when to ask again at the latest.</returns>
    public async Task<(IReadOnlyList<ListedKey> Keys, string? Problem, TimeSpan? MaxAge)> ListAsync(CancellationToken cancellationToken)
    {
        (_skippedBefore, _skipped) = (_skipped, new HashSet<string>(StringComparer.Ordinal));
        string? problem = null;
        TimeSpan? maxAge = null;
        var keys = new List<ListedKey>();
        try
        {
            if (options.Directory is not null) maxAge = await FetchAsync(cancellationToken);
        }
        catch (Exception exception) when (IsProblem(exception))
        {
            problem = exception.Message.ReplaceLineEndings(" ");
            // The next one reads the file of authorities again: they may have changed.
            _client?.Dispose();
            _client = null;
            // Not looked at, so not new when it is seen again.
            _skipped.UnionWith(_skippedBefore);
        }
        try
        {
            if (options.KeyDirectory is not null) _fileKeys = [.. KeyFiles(options.KeyDirectory)];
        }
        catch (Exception exception) when (IsProblem(exception))
        {
            problem = exception.Message.ReplaceLineEndings(" ");
        }
        keys.AddRange(_fileKeys);
        keys.AddRange(Configured());
        return (Usable(Ordered(keys)), problem, maxAge);
    }

    public void Dispose()
    {
        _client?.Dispose();
        audit?.Forget(options.Name);
        audit?.Dispose();
    }

    private async Task<TimeSpan?> FetchAsync(CancellationToken cancellationToken)
    {
        _client ??= new IssuerDirectoryClient(IssuerDirectory.UrlOf(new Uri(options.Directory!)), options.CaFile);
        var (directory, body, maxAge) = await _client.FetchAsync(cancellationToken);
        foreach (var key in directory.SkippedKeys) _skipped.Add($"entry {key.Index} of the directory's token-keys: {key.Problem}");
        // An issuer without keys is broken: what was good goes on.
        if (directory.TokenKeys.Count == 0) throw new IssuerDirectoryException("the directory lists no keys that can be used");
        if (audit is not null && await audit.CheckAsync(options.Name, body, cancellationToken) is { } refused) throw new IssuerDirectoryException(refused);
        _directoryKeys = directory.TokenKeys;
        return maxAge;
    }

    /// <summary>The directory's keys in its order, then the others. A type 1 key of the directory is usable where a private key belongs to it.</summary>
    private IEnumerable<(int Type, ListedKey Key)> Ordered(List<ListedKey> local)
    {
        foreach (var key in _directoryKeys)
        {
            var held = local.Find(candidate => candidate.KeyId == key.KeyId);
            if (held is not null) yield return (key.TokenType, held with { NotBefore = key.NotBefore ?? held.NotBefore, NotAfter = key.NotAfter ?? held.NotAfter });
            else if (key.TokenType is (ushort)TokenType.BlindRsa2048 or (ushort)TokenType.PartiallyBlindRsa2048)
                yield return (key.TokenType, new ListedKey(key.KeyId, key.NotBefore, key.NotAfter, () => TokenCryptography.CreateVerifier((TokenType)key.TokenType, key.TokenKey.Span)));
        }
        foreach (var key in local) yield return (0, key);
    }

    private List<ListedKey> Usable(IEnumerable<(int Type, ListedKey Key)> keys)
    {
        var usable = new List<ListedKey>();
        foreach (var (type, key) in keys)
            if (type == 0 || options.TokenTypes.Contains(type)) usable.Add(key);
        return usable;
    }

    private IEnumerable<ListedKey> KeyFiles(string folder)
    {
        foreach (var file in IssuerKeyRing.LoadVerifiers(folder, time, file => _skipped.Add(file.Message.ReplaceLineEndings(" "))))
            if (options.TokenTypes.Contains((int)file.Verifier.Type)) yield return new ListedKey(file.Verifier.KeyId, file.NotBefore, file.NotAfter, () => file.Verifier);
    }

    private static bool IsProblem(Exception exception) =>
        exception is IssuerDirectoryException or IssuerKeyFileException or IOException or UnauthorizedAccessException or CryptographicException;

    private IEnumerable<ListedKey> Configured()
    {
        foreach (var text in options.PublicKeys) yield return Always(TokenCryptography.CreateVerifier(Base64Url.DecodeFromChars(text)));
        foreach (var text in options.PrivateKeys)
        {
            using var issuer = TokenCryptography.ImportIssuer(TokenType.VoprfP384, Base64Url.DecodeFromChars(text));
            yield return Always(issuer.CreateVerifier());
        }
    }

    private static ListedKey Always(ITokenVerifier verifier) => new(verifier.KeyId, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, () => verifier);
}
