namespace PrivacyPass.AspNetCore.Keys;

/// <summary>The key files of an issuer, looked at and changed from outside, whether the issuer runs or not: it takes over what has changed within a second or so.</summary>
public sealed class IssuerKeyDirectory
{
    private readonly IssuerKeyStore _store;
    private readonly IIssuerKeyVault _vault;

    /// <summary>Names a directory, which must be there.</summary>
    /// <param name="directory">The issuer's key directory.</param>
    /// <param name="vault">Where private keys are; null for in the files.</param>
    public IssuerKeyDirectory(string directory, IIssuerKeyVault? vault = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        (_store, _vault) = (new IssuerKeyStore(directory, vault), vault ?? FileKeyVault.Instance);
    }

    /// <summary>The keys, by type and time.</summary>
    /// <exception cref="IssuerKeyFileException">The directory or a key file cannot be used; names it.</exception>
    public IReadOnlyList<IssuerKeyInfo> List() => With(static keys => keys.Select(static key => new IssuerKeyInfo(key.Key)).OrderBy(static key => key.Type).ThenBy(static key => key.NotBefore).ToList());

    /// <summary>Makes a key and adds it.</summary>
    /// <param name="type">The type of its tokens.</param>
    /// <param name="notBefore">From when clients use it: far enough ahead for every cache to learn of it.</param>
    /// <param name="notAfter">Until when it issues and verifies.</param>
    /// <exception cref="ArgumentException">The times are no span of whole seconds, or the type is not supported.</exception>
    /// <exception cref="IssuerKeyFileException">The directory cannot be used, or has as many keys of the type as requests can tell apart.</exception>
    public IssuerKeyInfo Add(TokenType type, DateTimeOffset notBefore, DateTimeOffset notAfter) => Add(type, () => _vault.Generate(type), mayRetry: true, notBefore, notAfter);

    /// <summary>Adds a key that was made elsewhere.</summary>
    /// <param name="type">The type of its tokens.</param>
    /// <param name="privateKey">48-byte scalar for type 1, PKCS#8 DER for type 2. Secret; the caller clears it.</param>
    /// <param name="notBefore">From when clients use it.</param>
    /// <param name="notAfter">Until when it issues and verifies.</param>
    /// <exception cref="TokenIssuanceException">It is no private key of the type.</exception>
    /// <exception cref="ArgumentException">The times are no span of whole seconds, or the type is not supported.</exception>
    /// <exception cref="IssuerKeyFileException">The directory cannot be used, has too many keys, or one that requests could not tell from this one.</exception>
    public IssuerKeyInfo Import(TokenType type, ReadOnlyMemory<byte> privateKey, DateTimeOffset notBefore, DateTimeOffset notAfter) =>
        Add(type, () => TokenCryptography.ImportIssuer(type, privateKey.Span), mayRetry: false, notBefore, notAfter);

    /// <summary>Deletes a key. Its tokens are worthless as soon as proxies have fetched the next directory and their grace is over.</summary>
    /// <returns>False when there is no such key.</returns>
    /// <exception cref="IssuerKeyFileException">The directory cannot be used, or the file not be deleted.</exception>
    public bool Retire(TokenKeyId keyId)
    {
        using var turn = _store.Lock();
        return With(keys =>
        {
            var found = keys.Where(key => key.Key.KeyId == keyId).ToList();
            found.ForEach(IssuerKeyStore.Delete);
            return found.Count > 0;
        });
    }

    /// <summary>What the key file holds of the private key: 48-byte scalar for type 1, PKCS#8 DER for type 2. Secret. Null when there is no such key.</summary>
    /// <exception cref="IssuerKeyFileException">The directory or a key file cannot be used; names it.</exception>
    public byte[]? ExportPrivateKey(TokenKeyId keyId) => With(keys => keys.FirstOrDefault(key => key.Key.KeyId == keyId)?.Key.Seal(_vault));

    private IssuerKeyInfo Add(TokenType type, Func<ITokenIssuer> make, bool mayRetry, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        if (!TokenSizes.IsSupported(type)) throw new ArgumentException("The type is not supported.", nameof(type));
        var (start, end) = (DateTimeOffset.FromUnixTimeSeconds(notBefore.ToUnixTimeSeconds()), DateTimeOffset.FromUnixTimeSeconds(notAfter.ToUnixTimeSeconds()));
        if (start >= end || start < DateTimeOffset.UnixEpoch || end.ToUnixTimeSeconds() > uint.MaxValue) throw new ArgumentException("Not a span of time.", nameof(notAfter));
        using var turn = _store.Lock();
        return With(keys =>
        {
            var alike = keys.Where(key => key.Key.Type == type).ToList();
            if (alike.Count >= IssuerKeyRingOptions.MostLiveKeys) throw new IssuerKeyFileException($"There are {alike.Count} keys of the type already: retire one first.");
            while (true)
            {
                using var key = new IssuerKey(make(), start, end);
                if (alike.Exists(other => other.Key.KeyId == key.KeyId)) throw new IssuerKeyFileException("The key is there already.");
                if (!alike.Exists(other => other.Key.KeyId.Truncated == key.KeyId.Truncated))
                {
                    _store.Save(key);
                    return new IssuerKeyInfo(key);
                }

                if (!mayRetry) throw new IssuerKeyFileException("Another key of the type has an id with the same last byte: requests could not tell them apart. Retire it first.");
            }
        });
    }

    private T With<T>(Func<List<StoredKey>, T> use)
    {
        var keys = _store.Load();
        try
        {
            return use(keys);
        }
        finally
        {
            keys.ForEach(static key => key.Key.Dispose());
        }
    }
}
