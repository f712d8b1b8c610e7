namespace PrivacyPass.AspNetCore.Keys;

/// <summary>
/// The keys of an issuer: made, stored, published ahead of use, kept until they expire (RFC 9578, section 4; RFC 9576, section 6.2).
/// Safe for concurrent use. One process owns a key directory at a time.
/// </summary>
public sealed class IssuerKeyRing : IDisposable
{
    private readonly IssuerKeyRingOptions _options;
    private readonly IReadOnlyList<TokenType> _types;
    private readonly IssuerKeyStore _store;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private readonly Lock _rotation = new();
    private readonly List<IssuerKey> _retired = [];
    private volatile IssuerKeySet _keys;

    private IssuerKeyRing(IssuerKeyRingOptions options, IssuerKeyStore store, FileStream directoryLock, TimeProvider time)
    {
        _options = options;
        _types = options.EffectiveTokenTypes;
        _store = store;
        _lock = directoryLock;
        _time = time;
        _keys = new IssuerKeySet(store.Load(), _types, time.GetUtcNow());
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

        var store = new IssuerKeyStore(options.Directory);
        var directoryLock = store.CreateAndLock();
        try
        {
            var ring = new IssuerKeyRing(options, store, directoryLock, Steady(timeProvider));
            ring.Rotate();
            return ring;
        }
        catch
        {
            directoryLock.Dispose();
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
        foreach (var key in new IssuerKeyStore(directory).Load(skipped))
        {
            using (key)
                if (key.NotAfter > now) verifiers.Add(new IssuerVerifier(key.CreateVerifier(), key.NotBefore, key.NotAfter));
        }

        return verifiers;
    }

    /// <summary>The key that a TokenRequest names by its type and the last byte of the key id; null when there is none.</summary>
    public IssuerKey? Find(TokenType type, byte truncatedKeyId) =>
        _keys.Find(type, truncatedKeyId) is { } key && key.NotAfter > _time.GetUtcNow() ? key : null;

    /// <summary>Makes the keys that are due and retires the expired ones. Calling it early or often does no harm.</summary>
    /// <returns>When the next change is due.</returns>
    /// <exception cref="IssuerKeyFileException">A file cannot be written or deleted; the keys in use stay.</exception>
    public DateTimeOffset Rotate()
    {
        lock (_rotation)
        {
            // Retired in the rotation before: whoever still issued with them has long answered.
            _retired.ForEach(key => key.Dispose());
            _retired.Clear();

            var now = _time.GetUtcNow();
            AddKeysDue(now);
            RetireExpired(now);
            return NextChange(now);
        }
    }

    /// <summary>Frees the keys and the directory.</summary>
    public void Dispose()
    {
        lock (_rotation)
        {
            foreach (var key in Keys) key.Dispose();
            _retired.ForEach(key => key.Dispose());
            _retired.Clear();
            _lock.Dispose();
        }
    }

    /// <summary>A clock may be set: a jump must neither delete living keys nor make new ones.</summary>
    private static SteadyTimeProvider Steady(TimeProvider? time) => time as SteadyTimeProvider ?? new SteadyTimeProvider(time ?? TimeProvider.System);

    private void AddKeysDue(DateTimeOffset now)
    {
        foreach (var type in _types)
        {
            var newest = Newest(type);
            if (newest is not null && now < SuccessorDue(newest)) continue;

            Add(type, newest is null || newest.NotAfter <= now ? now : StartAfter(newest, now), now);
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
            _store.Save(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }

        _keys = new IssuerKeySet([.. Keys, key], _types, now);
    }

    /// <summary>A key whose truncated id no other live key of the type has; requests could not tell them apart.</summary>
    private ITokenIssuer GenerateDistinct(TokenType type)
    {
        while (true)
        {
            var issuer = TokenCryptography.GenerateIssuer(type);
            if (!_keys.Collides(issuer.KeyId, type)) return issuer;
            issuer.Dispose();
        }
    }

    private void RetireExpired(DateTimeOffset now)
    {
        var expired = Keys.Where(key => key.NotAfter <= now).ToList();
        _keys = new IssuerKeySet(Keys.Except(expired), _types, now);
        _retired.AddRange(expired);
        expired.ForEach(_store.Delete);
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
