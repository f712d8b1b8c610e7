namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>The rows of the matrix.</summary>
internal static class NodeFaults
{
    public static TheoryData<NodeFault> All => [.. Enum.GetValues<NodeFault>()];

    /// <summary>Those that can be there before the proxy is.</summary>
    public static TheoryData<NodeFault> AtStart => [NodeFault.Stopped, NodeFault.ConnectionRefused, NodeFault.SilentPeer, NodeFault.Blackhole, NodeFault.Garbage, NodeFault.ServerError];

    /// <summary>The node still answers checks, and rightly.</summary>
    public static bool IsHarmless(NodeFault fault) => fault == NodeFault.SlowInTime;

    /// <summary>The node serves again by itself before anybody mends it.</summary>
    public static bool HealsItself(NodeFault fault) => fault is NodeFault.RestartedEmpty or NodeFault.SlowInTime;

    /// <summary>Its answers to look-ups are still good; only adds fail.</summary>
    public static bool StillLooksUp(NodeFault fault) => fault == NodeFault.OutOfMemory || HealsItself(fault);

    /// <summary>Something stands in the node's place and answers checks wrongly.</summary>
    public static bool Lies(NodeFault fault) =>
        fault is NodeFault.RepliesCutAndClosed or NodeFault.RepliesCutAndSilent or NodeFault.Garbage or NodeFault.Error or NodeFault.ServerError;
}
