namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>What strangers do.</summary>
internal enum StrangerKind
{
    /// <summary>Many connections, each with a request whose head comes byte by byte and never ends.</summary>
    Slowloris,

    /// <summary>Requests with as many and as long header fields as are taken, on new connections, without a credential.</summary>
    Headers,

    /// <summary>Requests with tokens that are right in all but the signature, on new connections.</summary>
    Forged,
}
