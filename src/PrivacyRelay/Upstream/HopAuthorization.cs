using PrivacyRelay.Wallet;

namespace PrivacyRelay.Upstream;

/// <summary>What one request for a tunnel is paid with. Made for one request, sent at most once.</summary>
/// <param name="field">The credentials; null for a request that is to learn the challenge.</param>
/// <param name="challenge">The challenge its token answers; null without a token.</param>
/// <param name="release">Called once when the request is over, with whether the credentials may have been sent.</param>
internal sealed class HopAuthorization(string? field, ProxyChallenge? challenge, Action<bool>? release = null) : IDisposable
{
    private Action<bool>? _release = release;

    /// <summary>The value of Proxy-Authorization or Authorization; null for a request that is to learn the challenge. Secret.</summary>
    public string? Field { get; } = field;

    /// <summary>The challenge its token answers; null without a token.</summary>
    public ProxyChallenge? Challenge { get; } = challenge;

    /// <summary>Whether the proxy may have seen it: then a token is gone, whatever the answer.</summary>
    public bool WasSent { get; set; }

    /// <summary>Lets the next request learn, if this one was to; a token that was not sent goes back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke(WasSent);

    /// <summary>Never prints the credential.</summary>
    public override string ToString() => nameof(HopAuthorization);
}
