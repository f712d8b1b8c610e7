using PrivacyPass.Issuance;

namespace PrivacyRelay.Issuance;

/// <summary>An issuer's directory, kept for as long as the issuer allows. Safe for concurrent use: one fetch at a time.</summary>
/// <param name="http">Fetches it.</param>
/// <param name="directoryUrl">Where it is.</param>
/// <param name="time">The clock of its age.</param>
/// <param name="skipped">Told of each entry that cannot be used, once while the issuer goes on listing it.</param>
/// <param name="audit">Asked about each directory before it is used; null asks nobody.</param>
internal sealed class IssuerDirectoryCache(HttpClient http, Uri directoryUrl, TimeProvider time, Action<SkippedDirectoryKey>? skipped = null, DirectoryAudit? audit = null) : IDisposable
{
    private static readonly TimeSpan _defaultAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _longestAge = TimeSpan.FromDays(1);
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile Entry? _entry;

    /// <exception cref="IssuerException">The directory cannot be fetched or is not one.</exception>
    public async ValueTask<IssuerDirectory> GetAsync(CancellationToken cancellationToken)
    {
        if (_entry is { } fresh && IsFresh(fresh)) return fresh.Directory;
        return await FetchUnlessAsync(IsFresh, cancellationToken);
    }

    /// <summary>Fetches anew, unless the one known to be of no use has been replaced meanwhile.</summary>
    /// <exception cref="IssuerException">The directory cannot be fetched or is not one.</exception>
    public Task<IssuerDirectory> RefreshAsync(IssuerDirectory useless, CancellationToken cancellationToken) =>
        FetchUnlessAsync(entry => !ReferenceEquals(entry.Directory, useless), cancellationToken);

    public void Dispose() => _fetching.Dispose();

    private async Task<IssuerDirectory> FetchUnlessAsync(Func<Entry, bool> isGood, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_entry is { } entry && isGood(entry)) return entry.Directory;
            return await FetchAsync(cancellationToken);
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<IssuerDirectory> FetchAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, directoryUrl);
        request.Headers.Accept.ParseAdd(PrivateTokenMediaTypes.IssuerDirectory);
        var answer = await IssuerHttp.SendAsync(http, request, IssuerDirectory.MaxSize, cancellationToken);
        var error = IssuerDirectory.TryParse(answer.Body, out var directory);
        if (directory is null) throw new IssuerException($"{directoryUrl} is not an issuer directory: {error}.");

        if (audit is not null && await audit.CheckAsync(answer.Body, cancellationToken) is { IsGood: false } refused)
            throw new IssuerException($"{directoryUrl} is not audited, so none of its keys is used: {refused.Reason}.");
        foreach (var key in directory.SkippedKeys)
            if (_entry?.Directory.SkippedKeys.Contains(key) is not true) skipped?.Invoke(key);
        _entry = new Entry(directory, time.GetTimestamp(), time.GetUtcNow(), AgeOf(answer));
        return directory;
    }

    /// <summary>By both clocks: the wall clock may have been set, and the other one stands still while the machine sleeps.</summary>
    private bool IsFresh(Entry entry) =>
        time.GetElapsedTime(entry.FetchedAt) < entry.Age && (time.GetUtcNow() - entry.FetchedOn).Duration() < entry.Age;

    private static TimeSpan AgeOf(IssuerAnswer answer)
    {
        if (answer.CacheControl is not { } control) return _defaultAge;
        if (control.NoStore || control.NoCache) return TimeSpan.Zero;
        var age = control.MaxAge ?? _defaultAge;
        return age < _longestAge ? age : _longestAge;
    }

    private sealed record Entry(IssuerDirectory Directory, long FetchedAt, DateTimeOffset FetchedOn, TimeSpan Age);
}
