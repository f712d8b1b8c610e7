using PrivacyRelay.Upstream;
using PrivacyRelay.Upstream.Http1;
using PrivacyRelay.Wallet;

namespace PrivacyProxy.Commands.Demo;

/// <summary>Single CONNECT requests to the proxy, each on a connection of its own.</summary>
internal sealed class DemoProbe(Uri proxy, TrustPolicy trust)
{
    private static readonly TimeSpan _keysPatience = TimeSpan.FromSeconds(10);
    private readonly ProxyPeer _peer = new(proxy, trust, geohash: null);

    /// <summary>The answer to one request; a tunnel it opens is closed at once.</summary>
    public async Task<ConnectResponse> ConnectAsync(Destination destination, string? proxyAuthorization, CancellationToken cancellationToken)
    {
        await using var stream = await _peer.SecureAsync(await _peer.DialAsync(cancellationToken), cancellationToken);
        using var authorization = new HopAuthorization(proxyAuthorization, challenge: null);
        return await Http1Exchange.ConnectAsync(stream, _peer, destination, authorization, cancellationToken);
    }

    /// <summary>The challenge of a request without credentials. Waits while the proxy fetches the issuer's keys.</summary>
    public async Task<ProxyChallenge> ChallengeAsync(Destination destination, string issuerName, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_keysPatience);
        ConnectResponse answer;
        while ((answer = await ConnectAsync(destination, proxyAuthorization: null, cancellationToken)).Status == 503)
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new DemoFailedException("The proxy has no issuer keys: it could not fetch them from the issuer.", e);
            }
        }

        if (answer.Status != 407) throw new DemoFailedException($"The proxy answered {answer.Status} where it should have challenged with 407.");
        return new ChallengeSelector(proxy.Authority, issuerName).Select(answer.Challenges)
            ?? throw new DemoFailedException("The proxy's 407 has no challenge that can be answered.");
    }
}
