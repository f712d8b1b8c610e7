using PrivacyProxy.Recording;
using PrivacyProxy.Redemption;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>Accepts "Preshared good" and keeps what it was shown.</summary>
internal sealed class FakeRedeemer : IRedeemer
{
    public List<TunnelCredentials> Seen { get; } = [];

    public Func<TunnelCredentials, RedemptionResult> Decide { get; set; } = static credentials =>
        credentials.ProxyAuthorization == "Preshared good" ? RedemptionResult.PresharedAccepted : RedemptionResult.Missing;

    /// <summary>What the verdict waits for.</summary>
    public Func<CancellationToken, Task>? Waits { get; set; }

    /// <summary>What refusals say to people.</summary>
    public byte[]? Text { get; set; }

    public async ValueTask<RedemptionResult> RedeemAsync(TunnelCredentials credentials, RequestTrace? trace, CancellationToken cancellationToken)
    {
        lock (Seen) Seen.Add(credentials);
        if (Waits is { } wait) await wait(cancellationToken);
        return Decide(credentials);
    }

    /// <summary>What the issuer says of where the client is.</summary>
    public string? Country { get; set; }

    public string? CountryOf(TunnelCredentials credentials) => Country;

    public Refusal Refuse(RedemptionResult result, TunnelKind kind) =>
        kind == TunnelKind.Connect ? Denied(407, "Proxy-Authenticate") : Denied(401, "WWW-Authenticate");

    private Refusal Denied(int status, string field) =>
        new(ProxyStatusError.HttpRequestDenied) { Status = status, Fields = [new(field, "PrivateToken challenge=\"abc=\"")], Text = Text };
}
