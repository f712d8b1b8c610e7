using System.ComponentModel.DataAnnotations;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyPass.SpentTokens;

/// <summary>Where spent tokens are remembered, and how.</summary>
public class SpentTokenStoreOptions : IValidatableObject
{
    /// <summary>Where spent tokens are remembered: in this process, in a file of this machine, or in memcached for any number of proxies.</summary>
    public SpentTokenStoreKind Store { get; set; }

    /// <summary>The tokens that <see cref="SpentTokenStoreKind.Memory"/> holds at most, 40 to 70 bytes each; at the bound new tokens are refused, none is forgotten.</summary>
    [Range(1_000L, 2_000_000_000L)]
    public long Capacity { get; set; } = 20_000_000;

    /// <summary>The file of <see cref="SpentTokenStoreKind.Sqlite"/>.</summary>
    public SqliteSpentTokenOptions Sqlite { get; set; } = new();

    /// <summary>The servers of <see cref="SpentTokenStoreKind.Memcached"/>.</summary>
    public MemcachedOptions Memcached { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Store == SpentTokenStoreKind.Memcached && Memcached.Servers.Count == 0)
            yield return new ValidationResult("the servers of Store Memcached, host:port each", [$"{nameof(Memcached)}:{nameof(Memcached.Servers)}"]);
        if (Store == SpentTokenStoreKind.Sqlite && string.IsNullOrWhiteSpace(Sqlite.File))
            yield return new ValidationResult("the file where Store Sqlite keeps the spent tokens", [$"{nameof(Sqlite)}:{nameof(Sqlite.File)}"]);
    }
}
