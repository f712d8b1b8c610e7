using System.Buffers.Text;
using System.Security.Cryptography;
using PrivacyPass;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyProxy.Redemption.Keys;

/// <summary>Lists one issuer's keys from all its configured places: the directory's order first, then key files, then configured keys.</summary>
internal sealed class IssuerKeySource(IssuerOptions options, TimeProvider time) : IDisposable
{
    private IssuerDirectoryClient? _client;
    private IReadOnlyList<IssuerDirectoryKey> _directoryKeys = [];

    public IssuerOptions Options => options;

    public IssuerKeys Keys { get; } = new(options);

    /// <summary>What is listed now. A directory that fails does not hide the other places.</summary>
    /// <returns>The keys, why the directory could not be read (null when it could), and when to ask again at the latest.</returns>
    public async Task<(IReadOnlyList<ListedKey> Keys, string? Problem, TimeSpan? MaxAge)> ListAsync(CancellationToken cancellationToken)
    {
        string? problem = null;
        TimeSpan? maxAge = null;
        var keys = new List<ListedKey>();
        try
        {
            if (options.Directory is not null) maxAge = await FetchAsync(cancellationToken);
            if (options.KeyDirectory is not null) keys.AddRange(KeyFiles(options.KeyDirectory));
        }
        catch (Exception exception) when (exception is IssuerDirectoryException or IssuerKeyFileException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            problem = exception.Message.ReplaceLineEndings(" ");
        }
        keys.AddRange(Configured());
        return (Usable(Ordered(keys)), problem, maxAge);
    }

    public void Dispose() => _client?.Dispose();

    private async Task<TimeSpan?> FetchAsync(CancellationToken cancellationToken)
    {
        _client ??= new IssuerDirectoryClient(IssuerDirectory.UrlOf(new Uri(options.Directory!)), options.CaFile);
        var (directory, maxAge) = await _client.FetchAsync(cancellationToken);
        // An issuer without keys is broken: what was good goes on.
        if (directory.TokenKeys.Count == 0) throw new IssuerDirectoryException("the directory lists no keys");
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
            else if (key.TokenType == (int)TokenType.BlindRsa2048) yield return (key.TokenType, new ListedKey(key.KeyId, key.NotBefore, key.NotAfter, () => TokenCryptography.CreateVerifier(key.TokenKey.Span)));
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
        foreach (var file in IssuerKeyRing.LoadVerifiers(folder, time))
            if (options.TokenTypes.Contains((int)file.Verifier.Type)) yield return new ListedKey(file.Verifier.KeyId, file.NotBefore, file.NotAfter, () => file.Verifier);
    }

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
