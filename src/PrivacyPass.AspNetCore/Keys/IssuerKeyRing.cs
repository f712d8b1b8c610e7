namespace PrivacyPass.AspNetCore.Keys;

/// <summary>
/// The keys of an issuer: made, stored, published ahead of use, kept until they expire (RFC 9578, section 4; RFC 9576, section 6.2).
/// Safe for concurrent use. Several processes may have one key directory: each takes over what the others make and retire.
/// </summary>
public sealed class IssuerKeyRing : IDisposable
{
    /// <summary>For so long a key that has left the ring goes on answering those who found it before.</summary>
    private static readonly TimeSpan _disposal = TimeSpan.FromMinutes(10);

    private readonly IssuerKeyRingOptions _options;
    private readonly IReadOnlyList<TokenType> _types;
    private readonly IssuerKeyStore _store;
    private readonly TimeProvider _time;
    private readonly Lock _rotation = new();
    private readonly List<(IssuerKey Key, DateTimeOffset Since)> _retired = [];
    private IReadOnlyList<StoredKey> _stored = [];
    private volatile string _stamp = "";
    private volatile IssuerKeySet _keys;

    private IssuerKeyRing(IssuerKeyRingOptions options, IssuerKeyStore store, TimeProvider time)
    {
        _options = options;
        _types = options.EffectiveTokenTypes;
        _store = store;
        _time = time;
        _keys = new IssuerKeySet([], _types, time.GetUtcNow());
    }

    /// <summary>The live keys in the order of the directory: by type, the newest in use first, those not yet in use last.</summary>
    public IReadOnlyList<IssuerKey> Keys => _keys.Keys;

    /// <summary>Opens a key directory, makes the keys that are missing and deletes the expired ones.</summary>
    /// <exception cref="ArgumentException">The options are invalid.</exception>
    /// <exception cref="IssuerKeyFileException">The directory or a key file cannot be used; names it.</exception>
    public static IssuerKeyRing Open(IssuerKeyRingOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } errors) throw new ArgumentException(string.Join(' ', errors), nameof(options));

        var store = new IssuerKeyStore(options.Directory, options.Vault);
        store.Create();
        var ring = new IssuerKeyRing(options, store, Steady(timeProvider));
        try
        {
            ring.Rotate();
            return ring;
        }
        catch
        {
            ring.Dispose();
            throw;
        }
    }

    /// <summary>Verifiers for the keys in an issuer's directory that have not expired, without taking the directory; for origins trusted with the keys of type 1.</summary>
    /// <param name="directory">The issuer's key directory, or a copy of its *.key.json files.</param>
    /// <param name="timeProvider">The clock; the system's when null.</param>
    /// <param name="skipped">Told of each key file that cannot be used, which then costs only itself; when null it is thrown instead.</param>
    /// <returns>The verifiers; the caller disposes them.</returns>
    /// <exception cref="IssuerKeyFileException">The directory or, unless <paramref name="skipped"/> is given, a key file cannot be used; names it.</exception>
    public static IReadOnlyList<IssuerVerifier> LoadVerifiers(string directory, TimeProvider? timeProvider = null, Action<IssuerKeyFileException>? skipped = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var now = (timeProvider ?? TimeProvider.System).GetUtcNow();
        List<IssuerVerifier> verifiers = [];
        foreach (var (key, _, _) in new IssuerKeyStore(directory).Load(skipped))
        {
            using (key)
                if (key.NotAfter > now) verifiers.Add(new IssuerVerifier(key.CreateVerifier(), key.NotBefore, key.NotAfter));
        }

        return verifiers;
    }

    /// <summary>The key that a TokenRequest names by its type and the last byte of the key id; null when there is none.</summary>
    public IssuerKey? Find(TokenType type, byte truncatedKeyId) =>
        _keys.Find(type, truncatedKeyId) is { } key && key.NotAfter > _time.GetUtcNow() ? key : null;

    /// <summary>Whether key files have come, gone or changed since they were last looked at: by another issuer on the directory, or by hand.</summary>
    /// <exception cref="IssuerKeyFileException">The directory cannot be read.</exception>
    public bool HasChanged => _store.Stamp() != _stamp;

    /// <summary>Takes over changed key files, makes the keys that are due and retires the expired ones. Calling it early or often does no harm.</summary>
    /// <returns>When the next change is due.</returns>
    /// <exception cref="IssuerKeyFileException">A file cannot be read, written or deleted; the keys in use stay.</exception>
    public DateTimeOffset Rotate()
    {
        lock (_rotation)
        {
            var now = _time.GetUtcNow();
            DisposeRetired(now);
            using (_store.Lock())
            {
                Reload(now);
                AddKeysDue(now);
                RetireExpired(now);
                _stamp = _store.Stamp();
            }

            return NextChange(now);
        }
    }

    /// <summary>Frees the keys.</summary>
    public void Dispose()
    {
        lock (_rotation)
        {
            foreach (var (key, _, _) in _stored) key.Dispose();
            foreach (var (key, _) in _retired) key.Dispose();
            _retired.Clear();
        }
    }

    /// <summary>A clock may be set: a jump must neither delete living keys nor make new ones.</summary>
    private static SteadyTimeProvider Steady(TimeProvider? time) => time as SteadyTimeProvider ?? new SteadyTimeProvider(time ?? TimeProvider.System);

    private void DisposeRetired(DateTimeOffset now)
    {
        foreach (var (key, _) in _retired.Where(retired => retired.Since + _disposal <= now)) key.Dispose();
        _retired.RemoveAll(retired => retired.Since + _disposal <= now);
    }

    /// <summary>What the files say: a key of which the file is gone is retired.</summary>
    private void Reload(DateTimeOffset now)
    {
        var loaded = _store.Load(known: _stored);
        Take(loaded, now);
    }

    private void Take(IReadOnlyList<StoredKey> keys, DateTimeOffset now)
    {
        foreach (var (key, _, _) in _stored.Except(keys)) _retired.Add((key, now));
        _stored = keys;
        _keys = new IssuerKeySet(keys.Select(static stored => stored.Key), _types, now);
    }

    private void AddKeysDue(DateTimeOffset now)
    {
        foreach (var type in _types)
        {
            // None: at the first start, after a long stop, or since the one in use was taken away.
            if (!Keys.Any(key => key.Type == type && key.NotBefore <= now && key.NotAfter > now)) Add(type, now, now);
            else if (Newest(type) is { } newest && now >= SuccessorDue(newest)) Add(type, StartAfter(newest, now), now);
        }
    }

    /// <summary>A rotation interval after its predecessor, but published ahead of its use even when the rotation is late, and without a gap.</summary>
    private DateTimeOffset StartAfter(IssuerKey newest, DateTimeOffset now)
    {
        var planned = newest.NotBefore + _options.RotationInterval;
        var earliest = now + _options.PublishAhead;
        var start = planned > earliest ? planned : earliest;
        return start < newest.NotAfter ? start : newest.NotAfter;
    }

    private void Add(TokenType type, DateTimeOffset notBefore, DateTimeOffset now)
    {
        var start = DateTimeOffset.FromUnixTimeSeconds(notBefore.ToUnixTimeSeconds());
        var key = new IssuerKey(GenerateDistinct(type), start, start + _options.KeyLifetime);
        try
        {
            // Stored before it is published: a crash in between leaves no token of a lost key.
            Take([.. _stored, _store.Save(key)], now);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>A key whose truncated id no other live key of the type has; requests could not tell them apart.</summary>
    private ITokenIssuer GenerateDistinct(TokenType type)
    {
        while (true)
        {
            var issuer = (_options.Vault ?? FileKeyVault.Instance).Generate(type);
            if (!_keys.Collides(issuer.KeyId, type)) return issuer;
            issuer.Dispose();
        }
    }

    private void RetireExpired(DateTimeOffset now)
    {
        var expired = _stored.Where(stored => stored.Key.NotAfter <= now).ToList();
        Take([.. _stored.Except(expired)], now);
        expired.ForEach(IssuerKeyStore.Delete);
    }

    private IssuerKey? Newest(TokenType type) => Keys.Where(key => key.Type == type).MaxBy(key => key.NotBefore);

    private DateTimeOffset SuccessorDue(IssuerKey newest) => newest.NotBefore + _options.RotationInterval - _options.PublishAhead;

    private DateTimeOffset NextChange(DateTimeOffset now)
    {
        var successors = _types.Select(type => SuccessorDue(Newest(type)!));
        var activations = Keys.Select(key => key.NotBefore).Where(time => time > now);
        return successors.Concat(activations).Concat(Keys.Select(key => key.NotAfter)).Min();
    }
}
