using System.Globalization;
using System.Text;
using TransparencyLog.Merkle;

namespace TransparencyLog.Tests;

/// <summary>Trees and entries that tell each other apart.</summary>
internal static class Trees
{
    public static MerkleTree Of(int size, string name = "entry")
    {
        var tree = new MerkleTree();
        for (var index = 0; index < size; index++) tree.Append(MerkleHash.OfLeaf(Entry(index, name)));
        return tree;
    }

    public static byte[] Entry(int index, string name = "entry") => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name} {index}"));
}
