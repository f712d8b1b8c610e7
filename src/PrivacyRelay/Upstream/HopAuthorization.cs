using PrivacyRelay.Wallet;

namespace PrivacyRelay.Upstream;

/// <summary>What one CONNECT request is paid with. Made for one request, sent at most once.</summary>
internal sealed class HopAuthorization(string? field, ProxyChallenge? challenge, Action? release = null) : IDisposable
{
    private Action? _release = release;

    /// <summary>The Proxy-Authorization value; null for a request that is to learn the challenge. Secret.</summary>
    public string? Field { get; } = field;

    /// <summary>The challenge its token answers; null without a token.</summary>
    public ProxyChallenge? Challenge { get; } = challenge;

    /// <summary>Lets the next request learn, if this one was to.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();

    /// <summary>Never prints the credential.</summary>
    public override string ToString() => nameof(HopAuthorization);
}
