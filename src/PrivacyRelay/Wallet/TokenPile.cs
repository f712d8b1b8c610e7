namespace PrivacyRelay.Wallet;

/// <summary>The tokens of one challenge and key, and the one refill under way. Guarded by the wallet's lock.</summary>
internal sealed class TokenPile(ProxyChallenge challenge)
{
    public ProxyChallenge Challenge { get; } = challenge;

    public Stack<HeldToken> Tokens { get; } = [];

    /// <summary>Never more than one: tunnels that find the pile empty wait for the same refill.</summary>
    public Task? Refill { get; set; }

    /// <summary>Whether the proxy has let a request through that was paid for this challenge. Until then each token is fetched for a tunnel that waits.</summary>
    public bool Proven { get; set; }

    /// <summary>Timestamp after which its tokens are no longer taken; null when the challenge has no max-age.</summary>
    public long? ExpiresAt { get; set; }

    /// <summary>A dropped pile takes no tokens any more, not even those of a refill that was under way.</summary>
    public bool Dropped { get; set; }
}
