using FsCheck.Xunit;
using TransparencyLog.Merkle;

namespace TransparencyLog.Tests.Merkle;

/// <summary>Every proof that a tree makes verifies, for every size up to one that no short cut covers; nothing else does.</summary>
public sealed class MerkleProofTests
{
    private const int Largest = 70;

    private static readonly MerkleTree _tree = Trees.Of(Largest);
    private static readonly MerkleTree _other = Trees.Of(Largest, "another");

    [Fact]
    public void Every_inclusion_proof_verifies_and_for_its_own_leaf_place_and_size_alone()
    {
        for (var size = 1; size <= Largest; size++)
            for (var index = 0; index < size; index++)
            {
                var path = _tree.ProveInclusion(index, size);
                Assert.True(MerkleProof.IsIncluded(_tree.Node(0, index), index, size, _tree.RootAt(size), path));
                Assert.False(MerkleProof.IsIncluded(_other.Node(0, index), index, size, _tree.RootAt(size), path));
                Assert.False(MerkleProof.IsIncluded(_tree.Node(0, index), index, size, _other.RootAt(size), path));
                for (var elsewhere = -1; elsewhere <= size; elsewhere++)
                    if (elsewhere != index) Assert.False(MerkleProof.IsIncluded(_tree.Node(0, index), elsewhere, size, _tree.RootAt(size), path));
            }
    }

    [Fact]
    public void Every_consistency_proof_verifies_and_for_its_own_sizes_and_roots_alone()
    {
        for (var size = 0; size <= Largest; size++)
            for (var from = 0; from <= size; from++)
            {
                var path = _tree.ProveConsistency(from, size);
                Assert.True(MerkleProof.IsConsistent(from, _tree.RootAt(from), size, _tree.RootAt(size), path), $"{from} to {size}");
                if (from == 0) continue;
                Assert.False(MerkleProof.IsConsistent(from, _other.RootAt(from), size, _tree.RootAt(size), path));
                Assert.False(MerkleProof.IsConsistent(from, _tree.RootAt(from), size, _other.RootAt(size), path));
                if (from < size) Assert.False(MerkleProof.IsConsistent(size, _tree.RootAt(size), from, _tree.RootAt(from), path));
            }
    }

    [Property(MaxTest = 300)]
    public void A_proof_of_which_a_bit_is_turned_or_a_hash_is_missing_added_or_moved_does_not_verify(ushort a, ushort b, ushort where, byte how)
    {
        var size = 2 + (a % (Largest - 1));
        var index = b % size;
        var inclusion = _tree.ProveInclusion(index, size);
        Assert.False(MerkleProof.IsIncluded(_tree.Node(0, index), index, size, _tree.RootAt(size), Mutate(inclusion, where, how)));
        var from = 1 + (b % (size - 1));
        var consistency = _tree.ProveConsistency(from, size);
        Assert.False(MerkleProof.IsConsistent(from, _tree.RootAt(from), size, _tree.RootAt(size), Mutate(consistency, where, how)));
    }

    [Fact]
    public void A_tree_that_was_cut_back_grows_as_if_it_had_never_been_larger()
    {
        var tree = Trees.Of(Largest);
        tree.Truncate(37);
        Assert.Equal(_tree.RootAt(37), tree.Root);
        for (var index = 37; index < Largest; index++) tree.Append(_tree.Node(0, index));
        Assert.Equal(_tree.Root, tree.Root);
    }

    private static List<MerkleHash> Mutate(IReadOnlyList<MerkleHash> path, ushort where, byte how)
    {
        List<MerkleHash> mutated = [.. path];
        var place = where % mutated.Count;
        switch (how % 4)
        {
            case 0:
                mutated.RemoveAt(place);
                break;
            case 1:
                mutated.Insert(place, mutated[place]);
                break;
            case 2:
                mutated.Add(MerkleHash.Empty);
                break;
            default:
                var bytes = mutated[place].ToArray();
                bytes[where % bytes.Length] ^= (byte)(1 << (how % 8));
                mutated[place] = new MerkleHash(bytes);
                break;
        }

        return mutated;
    }
}
