using PrivacyProxy.Recording;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>Credentials in, verdict out: parse, look up, verify, spend.</summary>
internal interface IRedeemer
{
    /// <summary>Decides about one tunnel request; never throws for what a client sent.</summary>
    /// <param name="credentials">As received.</param>
    /// <param name="trace">Records the steps; null when nothing does.</param>
    /// <param name="cancellationToken">Fires when the client has left.</param>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    ValueTask<RedemptionResult> RedeemAsync(TunnelCredentials credentials, RequestTrace? trace, CancellationToken cancellationToken);

    /// <summary>The country that the issuer signed into an accepted token as its bearer's; null where it signed none. Of other credentials than accepted ones it means nothing.</summary>
    string? CountryOf(TunnelCredentials credentials) => null;

    /// <summary>The refusal for a result: 407 or 401 with challenges, 403 by configuration, 503 when the store cannot say.</summary>
    Refusal Refuse(RedemptionResult result, TunnelKind kind);
}
