using PrivacyRelay.Wallet;

namespace PrivacyRelay.Upstream;

/// <summary>Pays with one token for each tunnel, of the challenge the proxy made last.</summary>
internal sealed class TokenCredentials(TokenWallet wallet, ChallengeSelector selector) : IHopCredentials
{
    // One request learns the challenge while the others wait: a browser starts with many tunnels at once.
    private readonly SemaphoreSlim _learning = new(1, 1);
    private volatile ProxyChallenge? _challenge;
    private volatile bool _open;

    public async ValueTask<HopAuthorization> AuthorizeAsync(CancellationToken cancellationToken)
    {
        if (_open) return new HopAuthorization(field: null, challenge: null);
        if (_challenge is { } known) return await PayAsync(known, cancellationToken);
        await _learning.WaitAsync(cancellationToken);
        if (_challenge is null && !_open) return new HopAuthorization(field: null, challenge: null, _ => _learning.Release());
        _learning.Release();
        return await AuthorizeAsync(cancellationToken);
    }

    /// <summary>A proxy that asks for nothing is asked plainly, until it challenges.</summary>
    public void Accepted(HopAuthorization authorization)
    {
        if (authorization.Challenge is { } paid) wallet.Accepted(paid.Key);
        else _open = true;
    }

    public bool Refused(HopAuthorization authorization, ConnectResponse response)
    {
        _open = false;
        if (selector.Select(response.Challenges) is not { } challenge)
        {
            // Without a challenge to answer the next tunnel has to ask again.
            _challenge = null;
            return false;
        }

        // Tokens of a key or challenge the proxy has left behind are worth nothing.
        if (authorization.Challenge is { } answered && answered.Key != challenge.Key) wallet.Drop(answered.Key);
        _challenge = challenge;
        return true;
    }

    public void GiveUp()
    {
        if (_challenge is { } challenge) wallet.Drop(challenge.Key);
        _challenge = null;
    }

    public async ValueTask DisposeAsync()
    {
        await wallet.DisposeAsync();
        _learning.Dispose();
    }

    private async ValueTask<HopAuthorization> PayAsync(ProxyChallenge challenge, CancellationToken cancellationToken)
    {
        var token = await wallet.TakeAsync(challenge, cancellationToken);
        return new HopAuthorization(token.WriteField(), challenge, wasSent =>
        {
            if (!wasSent) wallet.Return(challenge.Key, token);
        });
    }
}
