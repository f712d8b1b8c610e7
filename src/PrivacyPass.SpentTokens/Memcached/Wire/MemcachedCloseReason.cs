namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>Why a connection ended.</summary>
internal enum MemcachedCloseReason
{
    /// <summary>By us.</summary>
    Disposed,

    /// <summary>The server closed it in good order.</summary>
    ClosedByServer,

    /// <summary>Reset, or another error of the socket or of TLS.</summary>
    Faulted,

    /// <summary>A reply that no command of ours can have: which reply belongs to which command is no longer known.</summary>
    Garbage,
}
