using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>
/// What became of every offer of every token. It lies in a mapped file: what a process had written when it was killed
/// is still there for the next one.
/// </summary>
internal sealed unsafe class SpendLedger : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly LedgerEntry* _entries;

    private SpendLedger(MemoryMappedFile file, int tokens)
    {
        (_file, Tokens) = (file, tokens);
        _view = file.CreateViewAccessor(0, Size(tokens));
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _entries = (LedgerEntry*)start;
    }

    /// <summary>Tokens are numbered from 0 to here.</summary>
    public int Tokens { get; }

    /// <summary>The first token that the process writing now has not dealt with; kept behind the entries.</summary>
    public int Progress
    {
        get => Volatile.Read(ref _entries[Tokens].Begun);
        set => Volatile.Write(ref _entries[Tokens].Begun, value);
    }

    /// <param name="path">Replaced when it exists.</param>
    /// <param name="tokens">How many.</param>
    public static SpendLedger Create(string path, int tokens) =>
        new(MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Size(tokens)), tokens);

    /// <summary>One that another process has made.</summary>
    public static SpendLedger Open(string path, int tokens) => new(MemoryMappedFile.CreateFromFile(path, FileMode.Open), tokens);

    public LedgerEntry this[int token] => _entries[token];

    /// <summary>Before an offer.</summary>
    public void Begin(int token) => Interlocked.Increment(ref _entries[token].Begun);

    /// <summary>After its answer. An accept is written first: were the process killed in between, it still counts.</summary>
    public void End(int token, SpendOutcome outcome)
    {
        switch (outcome)
        {
            case SpendOutcome.Fresh: Interlocked.Increment(ref _entries[token].Accepted); break;
            case SpendOutcome.AlreadySpent: Interlocked.Increment(ref _entries[token].AlreadySpent); break;
            default: Interlocked.Increment(ref _entries[token].Unavailable); break;
        }
        Interlocked.Increment(ref _entries[token].Ended);
    }

    /// <summary>Marks an answer whose token was offered while a majority of its nodes may have been ill.</summary>
    public void Excuse(int token) => Interlocked.Increment(ref _entries[token].Excused);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static long Size(int tokens) => (tokens + 1L) * Marshal.SizeOf<LedgerEntry>();
}
