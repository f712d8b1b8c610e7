namespace PrivacyProxy.LoadTests.Checks;

/// <summary>What one check is.</summary>
internal enum CheckOperation
{
    /// <summary>A spend of a new token.</summary>
    Spend,

    /// <summary>A look-up of a new token.</summary>
    LookUp,

    /// <summary>Look-up and spend in turn, each counted as a check, as the pipelined C probe does.</summary>
    Mixed,
}
