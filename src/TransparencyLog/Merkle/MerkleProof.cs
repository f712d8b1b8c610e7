namespace TransparencyLog.Merkle;

/// <summary>Checks of proofs by those who have no tree (RFC 9162, sections 2.1.3.2 and 2.1.4.2). None throws, whatever it is given.</summary>
internal static class MerkleProof
{
    /// <summary>No tree has more levels, so no proof more hashes.</summary>
    public const int MostHashes = 63;

    /// <summary>Whether a leaf stands at a place of the tree with this root.</summary>
    public static bool IsIncluded(MerkleHash leaf, long index, long size, MerkleHash root, IReadOnlyList<MerkleHash> path)
    {
        if (index < 0 || index >= size) return false;
        var (node, last) = (index, size - 1);
        var hash = leaf;
        foreach (var sibling in path)
        {
            if (last == 0) return false;
            if (node % 2 == 1 || node == last)
            {
                hash = MerkleHash.OfNode(sibling, hash);
                while (node % 2 == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                hash = MerkleHash.OfNode(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }

    /// <summary>Whether a tree begins with the leaves of a smaller one.</summary>
    public static bool IsConsistent(long from, MerkleHash fromRoot, long size, MerkleHash root, IReadOnlyList<MerkleHash> path)
    {
        if (from < 0 || from > size) return false;
        if (from == size) return path.Count == 0 && fromRoot == root;
        // The empty tree is the beginning of every tree; its own root is fixed.
        if (from == 0) return path.Count == 0 && fromRoot == MerkleHash.Empty;
        IEnumerable<MerkleHash> steps = long.IsPow2(from) ? path.Prepend(fromRoot) : path;
        var (node, last) = (from - 1, size - 1);
        while (node % 2 == 1) (node, last) = (node >> 1, last >> 1);
        MerkleHash? old = null;
        MerkleHash now = default;
        foreach (var step in steps)
        {
            if (old is not { } before)
            {
                (old, now) = (step, step);
                continue;
            }

            if (last == 0) return false;
            if (node % 2 == 1 || node == last)
            {
                (old, now) = (MerkleHash.OfNode(step, before), MerkleHash.OfNode(step, now));
                while (node % 2 == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                now = MerkleHash.OfNode(now, step);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && old == fromRoot && now == root;
    }
}
