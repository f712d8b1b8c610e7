namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>The spent tokens of one issuer key, as a row of the table <c>partition</c>.</summary>
internal sealed class SqlitePartition(long id, long expires, PartitionState state)
{
    public long Id { get; } = id;

    /// <summary>The latest expiry any of its tokens came with, Unix seconds.</summary>
    public long Expires { get; set; } = expires;

    public PartitionState State { get; set; } = state;
}
