namespace PrivacyRelay.Upstream;

/// <summary>How one proxy is paid.</summary>
internal interface IHopCredentials : IAsyncDisposable
{
    /// <summary>The authorization for one request; the caller disposes it when the answer is known.</summary>
    /// <exception cref="Wallet.TokensUnavailableException">There is no token to be had.</exception>
    ValueTask<HopAuthorization> AuthorizeAsync(CancellationToken cancellationToken);

    /// <summary>The proxy took the request.</summary>
    void Accepted(HopAuthorization authorization);

    /// <summary>The proxy refused the authorization. True when another request may fare better: a challenge was learnt or has changed, or another token may do.</summary>
    bool Refused(HopAuthorization authorization, ConnectResponse response);

    /// <summary>The last try of a tunnel was refused: what is held for the proxy is not to be trusted for the next one.</summary>
    void GiveUp();
}
