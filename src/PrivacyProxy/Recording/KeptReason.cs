namespace PrivacyProxy.Recording;

/// <summary>Why a trace is kept; a later one says more than an earlier one.</summary>
internal enum KeptReason
{
    /// <summary>It is not.</summary>
    None = 0,

    /// <summary>The dice at its start, or a trusted upstream hop, said so.</summary>
    Sampled,

    /// <summary>A look-up or spend took longer than <see cref="TracesOptions.SlowCheckThreshold"/>.</summary>
    Slow,

    /// <summary>It failed inside the proxy, or for lack of its store or destination.</summary>
    Error,
}
