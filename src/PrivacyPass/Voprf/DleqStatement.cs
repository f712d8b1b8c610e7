using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>
/// The statement that one key k made the public key and every evaluated element, evaluated[i] = k * blinded[i],
/// to prove or to check without k (RFC 9497, section 2.2). The batches are not empty and of equal length.
/// </summary>
internal sealed class DleqStatement(OprfSuite suite, ModularScope scope, byte[] publicKey, ElementBatch blinded, ElementBatch evaluated)
{
    private readonly PrimeOrderGroup _group = suite.Group;
    private BigNumber[]? _weights;

    /// <summary>Size of a proof: two scalars, c and s.</summary>
    private int ProofSize => 2 * _group.ScalarSize;

    /// <summary>GenerateProof with the generator as base; r is a fresh random scalar (or that of a test vector).</summary>
    internal byte[] Prove(BigNumber key, BigNumber r)
    {
        var m = Composite(blinded);
        var z = _group.Multiply(scope, m, key);
        var t2 = _group.MultiplyGenerator(scope, r);
        var t3 = _group.Multiply(scope, m, r);
        var c = Challenge([m, z, t2, t3]) ?? throw new InvalidOperationException("A composite is the identity.");
        var s = scope.Subtract(r, scope.Multiply(c, key));

        var proof = new byte[ProofSize];
        _group.EncodeScalar(c, proof);
        _group.EncodeScalar(s, proof.AsSpan(_group.ScalarSize));
        return proof;
    }

    /// <summary>VerifyProof; false for any bytes that are no valid proof. All its values are public.</summary>
    internal bool Verify(IGroupElement publicPoint, ReadOnlySpan<byte> proof)
    {
        if (proof.Length != ProofSize) return false;
        var c = _group.DecodeScalar(scope, proof[.._group.ScalarSize]);
        var s = _group.DecodeScalar(scope, proof[_group.ScalarSize..]);
        if (c is null || s is null) return false;

        var m = Composite(blinded);
        var z = Composite(evaluated);
        var t2 = _group.MultiplyPublic(scope, s, publicPoint, c);
        var t3 = _group.MultiplySumPublic(scope, [m, z], [s, c]);
        var expected = Challenge([m, z, t2, t3]);
        return expected is not null && expected.CompareTo(c) == 0;
    }

    /// <summary>ComputeComposites (section 2.2.1): the sum of a batch's elements, each times a scalar bound to both batches.</summary>
    private IGroupElement Composite(ElementBatch summed)
    {
        _weights ??= Weights();
        return _group.MultiplySumPublic(scope, summed.Points, _weights);
    }

    private BigNumber[] Weights()
    {
        using var seedTranscript = new Transcript();
        seedTranscript.Append(publicKey);
        seedTranscript.Append(suite.SeedTag);
        var seed = seedTranscript.Finish(_group.Hash, []);

        var weights = new BigNumber[blinded.Count];
        for (var i = 0; i < weights.Length; i++)
        {
            using var transcript = new Transcript();
            transcript.Append(seed);
            transcript.AppendNumber(i);
            transcript.Append(blinded.Encoded(i));
            transcript.Append(evaluated.Encoded(i));
            weights[i] = suite.HashToScalar(scope, transcript.WithLabel("Composite"u8));
        }

        return weights;
    }

    /// <summary>The challenge scalar over the public key and four elements; null when one of them is the identity.</summary>
    private BigNumber? Challenge(ReadOnlySpan<IGroupElement> points)
    {
        using var transcript = new Transcript();
        transcript.Append(publicKey);
        Span<byte> encoded = stackalloc byte[OprfSuite.LargestElement];
        encoded = encoded[.._group.ElementSize];
        foreach (var point in points)
        {
            if (!_group.TryEncodeElement(scope, point, encoded)) return null;
            transcript.Append(encoded);
        }

        return suite.HashToScalar(scope, transcript.WithLabel("Challenge"u8));
    }
}
