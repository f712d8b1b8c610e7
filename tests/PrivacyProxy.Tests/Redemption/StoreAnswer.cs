namespace PrivacyProxy.Tests.Redemption;

/// <summary>How a scripted store ends a call.</summary>
internal enum StoreAnswer
{
    Fresh,
    AlreadySpent,
    Unavailable,

    /// <summary>Breaks its promise not to throw.</summary>
    Throws,

    /// <summary>Throws OperationCanceledException, whether the client has left or not.</summary>
    Cancels,
}
