using System.Diagnostics.CodeAnalysis;

namespace Tunneling.Http2;

/// <summary>The streams of a connection that are not closed, and which were reset lately: their frames may still be under way.</summary>
internal sealed class StreamTable
{
    private const int RememberedResets = 64;

    private readonly Dictionary<int, Http2Stream> _streams = [];
    private int[]? _resets;
    private int _nextReset;

    public int Count => _streams.Count;

    /// <summary>The highest stream that the client has opened; every one up to it that is not here is closed.</summary>
    public int LastId { get; set; }

    public Dictionary<int, Http2Stream>.ValueCollection All => _streams.Values;

    /// <summary>A client's stream that it has not opened yet, or one that is no client's.</summary>
    public bool IsIdle(int id) => id > LastId || (id & 1) == 0;

    public bool TryGet(int id, [NotNullWhen(true)] out Http2Stream? stream) => _streams.TryGetValue(id, out stream);

    public void Add(Http2Stream stream) => _streams.Add(stream.Id, stream);

    public void Remove(Http2Stream stream) => _streams.Remove(stream.Id);

    public void RememberReset(int id)
    {
        _resets ??= new int[RememberedResets];
        _resets[_nextReset] = id;
        _nextReset = (_nextReset + 1) % RememberedResets;
    }

    /// <summary>We have reset it, not long ago.</summary>
    public bool WasReset(int id) => _resets is not null && Array.IndexOf(_resets, id) >= 0;

    public void Clear() => _streams.Clear();
}
