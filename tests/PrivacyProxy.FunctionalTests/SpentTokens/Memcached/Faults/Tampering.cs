namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>What a <see cref="TamperingServer"/> answers.</summary>
internal enum Tampering
{
    /// <summary>Nothing, to anything.</summary>
    Silence,

    /// <summary>To checks, half a reply; then the connection is closed.</summary>
    HalfReplyThenClose,

    /// <summary>To checks, half a reply; then nothing.</summary>
    HalfReplyThenSilence,

    /// <summary>To checks, bytes that are no reply.</summary>
    Garbage,

    /// <summary>To checks, ERROR.</summary>
    Error,

    /// <summary>To checks, SERVER_ERROR.</summary>
    ServerError,
}
