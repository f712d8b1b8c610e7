using PrivacyProxy.Redemption;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>Accepts "Preshared good" and keeps what it was shown.</summary>
internal sealed class FakeRedeemer : IRedeemer
{
    public List<TunnelCredentials> Seen { get; } = [];

    public Func<TunnelCredentials, RedemptionResult> Decide { get; set; } = static credentials =>
        credentials.ProxyAuthorization == "Preshared good" ? RedemptionResult.PresharedAccepted : RedemptionResult.Missing;

    public ValueTask<RedemptionResult> RedeemAsync(TunnelCredentials credentials, CancellationToken cancellationToken)
    {
        lock (Seen) Seen.Add(credentials);
        return ValueTask.FromResult(Decide(credentials));
    }

    public TunnelAnswer Refuse(RedemptionResult result, TunnelKind kind) =>
        new(407, new KeyValuePair<string, string>("Proxy-Authenticate", "PrivateToken challenge=\"abc=\""));
}
