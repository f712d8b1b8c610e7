using System.Collections.Concurrent;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>Remembers spent tokens in this process only, and no longer than it runs. When it is full it refuses; it never forgets a token to make room.</summary>
/// <param name="capacity">The most tokens remembered; about 200 bytes each. Default: 1,000,000.</param>
public sealed class InMemoryTokenSpender(int capacity = 1_000_000) : ITokenSpender
{
    private readonly ConcurrentDictionary<SpendableToken, bool> _spent = new();
    private int _count;

    /// <inheritdoc/>
    public ValueTask<TokenSpendResult> SpendAsync(SpendableToken token, CancellationToken cancellationToken)
    {
        if (_spent.ContainsKey(token)) return ValueTask.FromResult(TokenSpendResult.AlreadySpent);
        if (Interlocked.Increment(ref _count) > capacity)
        {
            Interlocked.Decrement(ref _count);
            return ValueTask.FromResult(TokenSpendResult.Unavailable);
        }

        if (_spent.TryAdd(token, true)) return ValueTask.FromResult(TokenSpendResult.Spent);
        Interlocked.Decrement(ref _count);
        return ValueTask.FromResult(TokenSpendResult.AlreadySpent);
    }

    /// <summary>Forgets the tokens of a key that no offer has any more.</summary>
    public void Forget(TokenKeyId keyId)
    {
        foreach (var token in _spent.Keys)
            if (token.KeyId == keyId && _spent.TryRemove(token, out _)) Interlocked.Decrement(ref _count);
    }
}
