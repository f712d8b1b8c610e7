namespace PrivacyRelay.HttpProxy;

/// <summary>What becomes of the two connections after an exchange.</summary>
internal enum ExchangeEnd
{
    /// <summary>The client was not answered: its origin left before a word, after an earlier answer. Another connection may do.</summary>
    Stale,

    /// <summary>Both take another request.</summary>
    BothKept,

    /// <summary>The client's takes another request.</summary>
    ClientKept,

    /// <summary>The answer is complete; both connections end.</summary>
    Closed,

    /// <summary>Both carry another protocol from here on.</summary>
    Switched,

    /// <summary>The answer was cut: the client must not take it for a whole one.</summary>
    Cut,
}
