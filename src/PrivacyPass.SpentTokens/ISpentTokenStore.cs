namespace PrivacyPass.SpentTokens;

/// <summary>The memory of spent tokens. At most one spend of a token is ever answered <see cref="SpendOutcome.Fresh"/>.</summary>
/// <remarks>
/// An answer that is waited for comes on a thread pool thread that nobody else needs, or on a thread outside of the pool; whoever
/// waits leaves the latter before doing anything that takes time.
/// </remarks>
public interface ISpentTokenStore : IAsyncDisposable
{
    /// <summary>The metric label <c>store</c>: memory, sqlite or memcached.</summary>
    string Name { get; }

    /// <summary>True where a look-up before the signature check costs I/O of its own; in-process stores answer with the spend alone.</summary>
    bool LooksUpFirst { get; }

    /// <summary>True when it can answer now; for /readyz.</summary>
    bool IsReady { get; }

    /// <summary>Why it is not ready, null when it is; for /readyz and the log.</summary>
    string? NotReady => IsReady ? null : $"spent-token store {Name} is not ready";

    /// <summary>Whether a token is spent already. A hint that sheds replays; only <see cref="SpendAsync"/> decides. Does not throw for store failures.</summary>
    ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken);

    /// <summary>Spends a token, atomically. Does not throw for store failures: they are <see cref="SpendOutcome.Unavailable"/>.</summary>
    ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken);
}
