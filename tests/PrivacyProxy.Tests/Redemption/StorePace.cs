namespace PrivacyProxy.Tests.Redemption;

/// <summary>When, and on what thread, a scripted store ends its calls.</summary>
internal enum StorePace
{
    /// <summary>Within the call.</summary>
    AtOnce,

    /// <summary>On the thread pool, once the redeemer waits.</summary>
    Later,

    /// <summary>The same, on a thread of its own, as one that reads replies.</summary>
    OnItsThread,
}
