namespace TransparencyLog.Proofs;

/// <summary>Why a proof is not believed.</summary>
internal enum ProofFault
{
    /// <summary>It is.</summary>
    None,

    /// <summary>It is no proof, or its checkpoint none.</summary>
    Malformed,

    /// <summary>The checkpoint is that of another log.</summary>
    OtherLog,

    /// <summary>The log has not signed it.</summary>
    NotSigned,

    /// <summary>A cosignature is there and wrong.</summary>
    BadCosignature,

    /// <summary>Fewer cosigners that are known than are needed.</summary>
    TooFewCosigners,

    /// <summary>Enough cosigners, but too long ago (or their clocks run ahead).</summary>
    Stale,

    /// <summary>The path does not lead to the root.</summary>
    NotIncluded,

    /// <summary>The log says that it has no such entry.</summary>
    NotLogged,

    /// <summary>The log cannot be asked.</summary>
    Unreachable,
}
