using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>
/// The statement that one key k made the public key and every evaluated element, evaluated[i] = k * blinded[i],
/// to prove or to check without k (RFC 9497, section 2.2). The batches are not empty and of equal length.
/// </summary>
internal sealed class DleqStatement(OprfSuite suite, ModularScope scope, byte[] publicKey, ElementBatch blinded, ElementBatch evaluated)
{
    /// <summary>Size of a proof: two scalars, c and s.</summary>
    internal const int ProofSize = 2 * P384.ScalarSize;

    /// <summary>GenerateProof with the generator as base; r is a fresh random scalar (or that of a test vector).</summary>
    internal byte[] Prove(BigNumber key, BigNumber r)
    {
        var m = Composite(blinded);
        var z = P384.Multiply(scope, m, key);
        var t2 = P384.MultiplyGenerator(scope, r);
        var t3 = P384.Multiply(scope, m, r);
        var c = Challenge([m, z, t2, t3]) ?? throw new InvalidOperationException("A composite is the identity.");
        var s = scope.Subtract(r, scope.Multiply(c, key));

        var proof = new byte[ProofSize];
        c.CopyTo(proof.AsSpan(0, P384.ScalarSize));
        s.CopyTo(proof.AsSpan(P384.ScalarSize));
        return proof;
    }

    /// <summary>VerifyProof; false for any bytes that are no valid proof. All its values are public.</summary>
    internal bool Verify(EcPoint publicPoint, ReadOnlySpan<byte> proof)
    {
        if (proof.Length != ProofSize) return false;
        var c = P384.DecodeScalar(scope, proof[..P384.ScalarSize]);
        var s = P384.DecodeScalar(scope, proof[P384.ScalarSize..]);
        if (c is null || s is null) return false;

        var m = Composite(blinded);
        var z = Composite(evaluated);
        var t2 = P384.MultiplyPublic(scope, s, publicPoint, c);
        var t3 = P384.Add(scope, P384.Multiply(scope, m, s), P384.Multiply(scope, z, c));
        var expected = Challenge([m, z, t2, t3]);
        return expected is not null && expected.CompareTo(c) == 0;
    }

    /// <summary>ComputeComposites (section 2.2.1): the sum of a batch's elements, each times a scalar bound to both batches.</summary>
    private EcPoint Composite(ElementBatch summed)
    {
        using var seedTranscript = new Transcript();
        seedTranscript.Append(publicKey);
        seedTranscript.Append(suite.SeedTag);
        var seed = seedTranscript.Finish([]);

        EcPoint? sum = null;
        for (var i = 0; i < summed.Count; i++)
        {
            using var transcript = new Transcript();
            transcript.Append(seed);
            transcript.AppendNumber(i);
            transcript.Append(blinded.Encoded(i));
            transcript.Append(evaluated.Encoded(i));
            var weight = suite.HashToScalar(scope, transcript.WithLabel("Composite"u8));
            var term = P384.Multiply(scope, summed.Points[i], weight);
            sum = sum is null ? term : P384.Add(scope, sum, term);
        }

        return sum ?? throw new InvalidOperationException("A proof needs at least one element.");
    }

    /// <summary>The challenge scalar over the public key and four elements; null when one of them is the identity.</summary>
    private BigNumber? Challenge(ReadOnlySpan<EcPoint> points)
    {
        using var transcript = new Transcript();
        transcript.Append(publicKey);
        Span<byte> encoded = stackalloc byte[P384.ElementSize];
        foreach (var point in points)
        {
            if (!P384.TryEncodeElement(scope, point, encoded)) return null;
            transcript.Append(encoded);
        }

        return suite.HashToScalar(scope, transcript.WithLabel("Challenge"u8));
    }
}
