using PrivacyProxy.Commands.Demo;
using PrivacyRelay.Upstream;

namespace Browser.Tests;

/// <summary>Waits until the proxy has the issuer's keys: before, it can only answer 503.</summary>
internal static class DemoReadiness
{
    public static Task WaitAsync(DemoServers servers) =>
        new DemoProbe(servers.Proxy, new TrustPolicy(servers.ProxyRoots)).ChallengeAsync(
            Destination.Create(servers.Origin.Host, servers.Origin.Port)!, servers.Issuer.Authority, CancellationToken.None);
}
