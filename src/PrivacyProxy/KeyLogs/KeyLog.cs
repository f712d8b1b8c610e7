using PrivacyPass.Issuance;
using TransparencyLog.Notes;
using TransparencyLog.Storage;

namespace PrivacyProxy.KeyLogs;

/// <summary>The log of issuers' directories that this process keeps, with its key; docs/auditing.md.</summary>
internal sealed class KeyLog : IDisposable
{
    private const string KeyName = "log.key";

    private readonly NoteSigner _signer;

    private KeyLog(NoteSigner signer, StoredLog log) => (_signer, Log) = (signer, log);

    public StoredLog Log { get; }

    /// <summary>Opens the log of a folder, and begins it the first time.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Whose log it is; null for whoever began it.</param>
    /// <param name="fallback">Whose it is when it is begun without a name.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidDataException">It is damaged, or somebody else's; says which file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static KeyLog Open(string folder, string? name, string fallback, TimeProvider time)
    {
        var signer = SignerFile.LoadOrCreate(Path.Combine(folder, KeyName), name is null ? null : IssuerDirectoryLog.OriginOf(name), IssuerDirectoryLog.OriginOf(fallback), NoteKeyKind.Note);
        try
        {
            return new KeyLog(signer, StoredLog.Open(folder, signer, time));
        }
        catch
        {
            signer.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Log.Dispose();
        _signer.Dispose();
    }
}
