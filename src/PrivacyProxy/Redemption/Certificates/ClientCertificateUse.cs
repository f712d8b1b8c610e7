namespace PrivacyProxy.Redemption.Certificates;

/// <summary>What certificates of clients are good for.</summary>
internal enum ClientCertificateUse
{
    /// <summary>They are not asked for.</summary>
    Off,

    /// <summary>A good one opens tunnels, and so do tokens and keys.</summary>
    Accepted,

    /// <summary>Only a good one opens tunnels.</summary>
    Required,
}
