namespace Tunneling.Admission;

/// <summary>Why a connection was closed to make room, or for what it did to others.</summary>
internal enum ShedReason
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Its place was needed.</summary>
    Place,

    /// <summary>Descriptors ran out all the same.</summary>
    Descriptors,

    /// <summary>Strangers together held too much memory, and it the most.</summary>
    Memory,

    /// <summary>It did not read its answers in time.</summary>
    Unread,

    /// <summary>It sent more, or had more requests waiting, than a stranger may.</summary>
    Flood,

    /// <summary>The listener stops.</summary>
    Stopping,
}
