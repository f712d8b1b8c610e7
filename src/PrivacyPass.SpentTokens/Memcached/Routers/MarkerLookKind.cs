namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>How a look at a marker ended.</summary>
internal enum MarkerLookKind
{
    /// <summary>No answer: nothing is known.</summary>
    None = 0,

    /// <summary>An error: the router does not reach the marker's server.</summary>
    Away,

    /// <summary>The marker.</summary>
    Seen,
}
