namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>The keys of all issuers. Written by the key sources, read by every request without a lock.</summary>
/// <param name="challenges">What they say; asked whenever they are made.</param>
/// <param name="time">The clock of keys and windows.</param>
internal sealed class AcceptedKeySet(Func<ChallengeSettings> challenges, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<(IIssuerSettings Options, IssuerKeys Keys)> _issuers = [];
    private volatile KeySnapshot _current = KeySnapshot.Empty;
    private DateTimeOffset _nextChange = DateTimeOffset.MaxValue;

    public KeySnapshot Current => _current;

    /// <summary>Sets which issuers there are. One whose options are unchanged keeps its keys; others begin without.</summary>
    public void SetIssuers(IReadOnlyList<(IIssuerSettings Options, IssuerKeys Keys)> issuers)
    {
        lock (_gate)
        {
            _issuers.Clear();
            _issuers.AddRange(issuers);
            Rebuild();
        }
    }

    /// <summary>Takes over what a source lists now.</summary>
    public void Update(IssuerKeys issuer, IReadOnlyList<ListedKey> listed)
    {
        lock (_gate)
        {
            issuer.Update(listed, time.GetUtcNow());
            Rebuild();
        }
    }

    /// <summary>Makes the challenges again, where what they say has changed.</summary>
    public void RebuildChallenges()
    {
        lock (_gate) Rebuild();
    }

    /// <summary>Makes the challenges again when a key or a window has begun or ended since. Cheap when none has.</summary>
    public void Advance()
    {
        lock (_gate)
            if (time.GetUtcNow() >= _nextChange) Rebuild();
    }

    private void Rebuild()
    {
        var now = time.GetUtcNow();
        var issuers = _issuers.Select(issuer => (issuer.Options, (IReadOnlyList<AcceptedKey>)[.. issuer.Keys.Keys.Where(key => key.NotAfter > now)])).ToList();
        var settings = challenges();
        _current = new KeySnapshot(issuers, settings, now);
        _nextChange = issuers.SelectMany(static issuer => issuer.Item2)
            .SelectMany(static key => new[] { key.NotBefore, key.NotAfter })
            .Where(change => change > now)
            .Append(settings.Contexts?.NextChangeAfter(now) ?? DateTimeOffset.MaxValue).Min();
    }
}
