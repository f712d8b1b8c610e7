namespace PrivacyProxy.Telemetry;

/// <summary>What the proxy tells of its own state when metrics are collected.</summary>
internal interface IProxyGauges
{
    /// <summary>As /readyz says.</summary>
    bool IsReady { get; }

    /// <summary>How long each issuer's tokens are taken with the keys known now; zero without a key, nothing for issuers whose keys have no end.</summary>
    IEnumerable<(string Issuer, TimeSpan Left)> KeysLeft { get; }
}
