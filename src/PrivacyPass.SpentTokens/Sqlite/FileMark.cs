using System.Security.Cryptography;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>
/// What the file of a store is told by, however often it is opened anew: a random number that is written right before the write-ahead log is copied
/// back and emptied, so that the log which is begun then does not have it. An older copy of the file has another one, whatever log lies beside it.
/// For one thread.
/// </summary>
internal sealed class FileMark
{
    /// <summary>Bytes of a mark.</summary>
    public const int Size = 16;

    private byte[]? _written, _begun;

    /// <summary>It is a file with this mark, or without any.</summary>
    public void Found(byte[]? mark) => _written = mark;

    /// <summary>Another mark, about to be written.</summary>
    public byte[] Begin() => _begun = RandomNumberGenerator.GetBytes(Size);

    /// <summary>It was written: the one before counts no more.</summary>
    public void Done() => (_written, _begun) = (_begun, null);

    /// <summary>Whether a file may be the one: it has the mark, or the one of which is not known whether it was written (and then is); or nothing was ever marked.</summary>
    public bool IsOf(Func<byte[], bool> fileHas)
    {
        if (_written is null || fileHas(_written)) return true;
        if (_begun is null || !fileHas(_begun)) return false;
        Done();
        return true;
    }
}
