using System.ComponentModel.DataAnnotations;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>How a file keeps spent tokens.</summary>
public sealed class SqliteSpentTokenOptions : IValidatableObject
{
    /// <summary>The database file; made when it is missing, in a directory that exists. Needed.</summary>
    public string? File { get; set; }

    /// <summary>When commits wait for the disk.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Normal;

    /// <summary>How long a caller waits for its answer; then the request is refused, though the token may still become spent.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a start waits for another process to let go of the file.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The spends that wait at most; beyond it they are refused at once.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; set; } = 8192;

    /// <summary>The write-ahead log is copied into the file when it has grown to so many bytes.</summary>
    [Range(65_536L, 1L << 32)]
    public long WalSize { get; set; } = 4 << 20;

    /// <summary>The size in bytes that the file does not grow beyond; then new tokens are refused, none is forgotten. 0: as large as the disk.</summary>
    [Range(0L, 1L << 46)]
    public long MaximumSize { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Deadline < TimeSpan.FromMilliseconds(10) || Deadline > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("00:00:00.01 to 00:01:00", [nameof(Deadline)]);
        if (BusyTimeout < TimeSpan.Zero || BusyTimeout > TimeSpan.FromMinutes(1))
            yield return new ValidationResult("00:00:00 to 00:01:00", [nameof(BusyTimeout)]);
        if (MaximumSize is > 0 and < 1 << 20) yield return new ValidationResult("0 (no bound) or at least 1048576 bytes", [nameof(MaximumSize)]);
    }
}
