using System.Numerics;

namespace TransparencyLog.Merkle;

/// <summary>
/// A Merkle tree that grows (RFC 9162, section 2.1), in memory: 64 bytes a leaf. It knows its past: roots and proofs for every size it has had.
/// Not safe for use while it grows.
/// </summary>
internal sealed class MerkleTree
{
    // Complete nodes alone: the n-th of level l is the root of the leaves from n * 2^l to (n + 1) * 2^l.
    private readonly List<List<MerkleHash>> _levels = [[]];

    public long Size => _levels[0].Count;

    public MerkleHash Root => RootAt(Size);

    public void Append(MerkleHash leaf)
    {
        _levels[0].Add(leaf);
        for (var level = 0; _levels[level].Count % 2 == 0; level++)
        {
            if (level + 1 == _levels.Count) _levels.Add([]);
            _levels[level + 1].Add(MerkleHash.OfNode(_levels[level][^2], _levels[level][^1]));
        }
    }

    /// <summary>Forgets the leaves from a size on.</summary>
    public void Truncate(long size)
    {
        for (var level = 0; level < _levels.Count; level++)
        {
            var left = (int)(size >> level);
            if (left < _levels[level].Count) _levels[level].RemoveRange(left, _levels[level].Count - left);
        }
    }

    /// <summary>A complete node.</summary>
    public MerkleHash Node(int level, long index) => _levels[level][(int)index];

    /// <summary>The root of the first so many leaves.</summary>
    public MerkleHash RootAt(long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return size == 0 ? MerkleHash.Empty : RootOf(0, size);
    }

    /// <summary>What leads from a leaf to the root of the first so many leaves, the leaf's sibling first (RFC 6962, section 2.1.1).</summary>
    public IReadOnlyList<MerkleHash> ProveInclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        List<MerkleHash> path = [];
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + LeftOf(end - start);
            if (index < middle)
            {
                path.Add(RootOf(middle, end));
                end = middle;
            }
            else
            {
                path.Add(RootOf(start, middle));
                start = middle;
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>That the first leaves of a tree are those of a smaller one (RFC 6962, section 2.1.2); nothing where either is empty or both are one.</summary>
    public IReadOnlyList<MerkleHash> ProveConsistency(long from, long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, size);
        List<MerkleHash> path = [];
        if (from == 0 || from == size) return path;
        var (start, end, isWhole) = (0L, size, true);
        while (from != end)
        {
            var middle = start + LeftOf(end - start);
            if (from <= middle)
            {
                path.Add(RootOf(middle, end));
                end = middle;
            }
            else
            {
                path.Add(RootOf(start, middle));
                (start, isWhole) = (middle, false);
            }
        }

        // Who has the old root has that of all its leaves already.
        if (!isWhole) path.Add(RootOf(start, end));
        path.Reverse();
        return path;
    }

    private MerkleHash RootOf(long start, long end)
    {
        var count = end - start;
        if (BitOperations.IsPow2(count))
        {
            var level = BitOperations.Log2((ulong)count);
            return _levels[level][(int)(start >> level)];
        }

        var middle = start + LeftOf(count);
        return MerkleHash.OfNode(RootOf(start, middle), RootOf(middle, end));
    }

    /// <summary>The largest power of two below a count.</summary>
    private static long LeftOf(long count) => 1L << BitOperations.Log2((ulong)count - 1);
}
