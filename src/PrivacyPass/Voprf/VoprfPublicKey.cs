namespace PrivacyPass.Voprf;

/// <summary>An issuer's public key, for clients. Safe for concurrent use.</summary>
internal sealed class VoprfPublicKey
{
    private readonly byte[] _encoded;

    /// <summary>Reads a compressed point of 49 bytes.</summary>
    /// <exception cref="TokenIssuanceException">It is not one.</exception>
    internal VoprfPublicKey(ReadOnlySpan<byte> encoded)
    {
        using var scope = P384.Order.Begin();
        if (P384.DecodeElement(scope, encoded) is null)
            throw new TokenIssuanceException("A type 1 public key is 49 bytes of a compressed point of P-384.");
        _encoded = encoded.ToArray();
    }

    /// <summary>Checks the proof that this key evaluated all elements; false for any bytes that do not fit.</summary>
    internal bool VerifyProof(ReadOnlySpan<byte> blindedElements, ReadOnlySpan<byte> evaluatedElements, ReadOnlySpan<byte> proof)
    {
        using var scope = P384.Order.Begin();
        return P384.DecodeElement(scope, _encoded) is { } point
            && ElementBatch.Decode(scope, blindedElements) is { } blinded
            && ElementBatch.Decode(scope, evaluatedElements) is { } evaluated
            && blinded.Count == evaluated.Count
            && new DleqStatement(OprfSuite.Voprf, scope, _encoded, blinded, evaluated).Verify(point, proof);
    }

    /// <summary>The same in the mode with public info (RFC 9497, section 3.3.3), where the info tweaks the key.</summary>
    internal bool VerifyTweakedProof(ReadOnlySpan<byte> info, ReadOnlySpan<byte> blindedElements, ReadOnlySpan<byte> evaluatedElements, ReadOnlySpan<byte> proof)
    {
        using var scope = P384.Order.Begin();
        if (P384.DecodeElement(scope, _encoded) is not { } key
            || ElementBatch.Decode(scope, blindedElements) is not { } blinded
            || ElementBatch.Decode(scope, evaluatedElements) is not { } evaluated
            || blinded.Count != evaluated.Count)
            return false;

        var tweaked = P384.Add(scope, key, P384.MultiplyGenerator(scope, OprfSuite.Poprf.InfoScalar(scope, info)));
        var tweakedKey = new byte[P384.ElementSize];
        // The proof runs the other way, as in PoprfPrivateKey: evaluated elements first.
        return P384.TryEncodeElement(scope, tweaked, tweakedKey)
            && new DleqStatement(OprfSuite.Poprf, scope, tweakedKey, evaluated, blinded).Verify(tweaked, proof);
    }
}
