namespace PrivacyProxy.Commands.Issuer;

/// <summary>Who gets tokens.</summary>
internal enum AttesterKind
{
    /// <summary>Everybody; for development.</summary>
    None,

    /// <summary>Who sends one of the configured bearer keys, within its quota.</summary>
    Bearer,

    /// <summary>Who has a TLS client certificate that is listed or signed by a configured authority.</summary>
    Mtls,

    /// <summary>Attesters alone, who have decided who gets tokens: each known by its TLS client certificate, as for <see cref="Mtls"/>. Of their clients the issuer learns nothing.</summary>
    Separate,
}
