using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>A suite of RFC 9497, section 4 in one mode: its group and its hashes, each with its domain separation tag.</summary>
internal sealed class OprfSuite
{
    /// <summary>The largest element or scalar of a suite, in bytes; it bounds the stack buffers.</summary>
    internal const int LargestElement = P384.ElementSize;

    private readonly OprfMode _mode;
    private readonly byte[] _hashToGroupTag;
    private readonly byte[] _hashToScalarTag;
    private readonly byte[] _deriveKeyPairTag;

    private OprfSuite(PrimeOrderGroup group, OprfMode mode)
    {
        Group = group;
        _mode = mode;
        // contextString = "OPRFV1-" || I2OSP(mode, 1) || "-" || identifier (section 3.1).
        var context = $"OPRFV1-{(char)mode}-{group.SuiteName}";
        _hashToGroupTag = Encoding.ASCII.GetBytes("HashToGroup-" + context);
        _hashToScalarTag = Encoding.ASCII.GetBytes("HashToScalar-" + context);
        _deriveKeyPairTag = Encoding.ASCII.GetBytes("DeriveKeyPair" + context);
        SeedTag = Encoding.ASCII.GetBytes("Seed-" + context);
    }

    /// <summary>P-384 without proof.</summary>
    internal static OprfSuite Oprf { get; } = new(P384Group.Instance, OprfMode.Oprf);

    /// <summary>P-384 with proof.</summary>
    internal static OprfSuite Voprf { get; } = new(P384Group.Instance, OprfMode.Voprf);

    /// <summary>P-384 with proof and public info.</summary>
    internal static OprfSuite Poprf { get; } = new(P384Group.Instance, OprfMode.Poprf);

    /// <summary>ristretto255 with proof.</summary>
    internal static OprfSuite Ristretto255 { get; } = new(Ristretto255Group.Instance, OprfMode.Voprf);

    /// <summary>Where it computes.</summary>
    internal PrimeOrderGroup Group { get; }

    /// <summary>The tag of the seed of a batched proof (section 2.2.1).</summary>
    internal byte[] SeedTag { get; }

    /// <summary>HashToGroup.</summary>
    internal IGroupElement HashToGroup(ModularScope scope, ReadOnlySpan<byte> input) => Group.HashToElement(scope, input, _hashToGroupTag);

    /// <summary>HashToScalar.</summary>
    internal BigNumber HashToScalar(ModularScope scope, ReadOnlySpan<byte> input) => Group.HashToScalar(scope, input, _hashToScalarTag);

    /// <summary>DeriveKeyPair (section 3.2.1), the private scalar.</summary>
    internal BigNumber DeriveKey(ModularScope scope, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> info)
    {
        var input = new byte[seed.Length + 2 + info.Length + 1];
        seed.CopyTo(input);
        BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(seed.Length), checked((ushort)info.Length));
        info.CopyTo(input.AsSpan(seed.Length + 2));
        try
        {
            for (var counter = 0; counter <= byte.MaxValue; counter++)
            {
                input[^1] = (byte)counter;
                var key = Group.HashToScalar(scope, input, _deriveKeyPairTag);
                if (!key.IsZero) return key;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }

        throw new CryptographicException("No key can be derived from this seed.");
    }

    /// <summary>The scalar by which public info tweaks a key (section 3.3.3).</summary>
    internal BigNumber InfoScalar(ModularScope scope, ReadOnlySpan<byte> info)
    {
        byte[] framed = [.. "Info"u8, 0, 0, .. info];
        BinaryPrimitives.WriteUInt16BigEndian(framed.AsSpan(4), checked((ushort)info.Length));
        return HashToScalar(scope, framed);
    }

    /// <summary>The last step of Finalize and Evaluate (sections 3.3.1 and 3.3.3): the output for an input and its unblinded element. Only the mode with public info takes the info in.</summary>
    internal byte[] Output(ModularScope scope, ReadOnlySpan<byte> input, ReadOnlySpan<byte> info, IGroupElement unblinded)
    {
        Span<byte> element = stackalloc byte[LargestElement];
        element = element[..Group.ElementSize];
        if (!Group.TryEncodeElement(scope, unblinded, element)) throw new CryptographicException("The evaluated element is the identity.");
        using var transcript = new Transcript();
        transcript.Append(input);
        if (_mode == OprfMode.Poprf) transcript.Append(info);
        transcript.Append(element);
        return transcript.Finish(Group.Hash, "Finalize"u8);
    }
}
