namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>The life of a partition; the numbers are in the file.</summary>
internal enum PartitionState
{
    /// <summary>Takes spends.</summary>
    Open = 0,

    /// <summary>Its key has expired: refuses, and is being emptied.</summary>
    Closed = 1,

    /// <summary>Refuses, and is empty. The row stays: were the clock set back, its tokens must not be fresh.</summary>
    Empty = 2,
}
