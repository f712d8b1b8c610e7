namespace PrivacyProxy.LoadTests.Once;

/// <summary>What is done to a node.</summary>
internal enum NodeFault
{
    /// <summary>SIGKILL, and after a while an empty one at its address.</summary>
    Killed,

    /// <summary>SIGSTOP, and after a while SIGCONT.</summary>
    Stopped,

    /// <summary>Replaced by an empty one at once: all it remembered is gone before anybody looks.</summary>
    RestartedEmpty,
}
