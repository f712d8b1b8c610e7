namespace PrivacyPass.Voprf;

/// <summary>An issuer's public key, for clients. Safe for concurrent use.</summary>
internal sealed class VoprfPublicKey
{
    private readonly OprfSuite _suite;
    private readonly byte[] _encoded;

    /// <summary>Reads a serialized element.</summary>
    /// <exception cref="TokenIssuanceException">It is not one.</exception>
    internal VoprfPublicKey(OprfSuite suite, ReadOnlySpan<byte> encoded)
    {
        _suite = suite;
        using var scope = suite.Group.Order.Begin();
        if (suite.Group.DecodeElement(scope, encoded) is null)
            throw new TokenIssuanceException($"A public key of {suite.Group.SuiteName} is {suite.Group.ElementSize} bytes of {suite.Group.Name}.");
        _encoded = encoded.ToArray();
    }

    /// <summary>Checks the proof that this key evaluated all elements; false for any bytes that do not fit.</summary>
    internal bool VerifyProof(ReadOnlySpan<byte> blindedElements, ReadOnlySpan<byte> evaluatedElements, ReadOnlySpan<byte> proof)
    {
        using var scope = _suite.Group.Order.Begin();
        return _suite.Group.DecodeElement(scope, _encoded) is { } point
            && ElementBatch.Decode(_suite.Group, scope, blindedElements) is { } blinded
            && ElementBatch.Decode(_suite.Group, scope, evaluatedElements) is { } evaluated
            && blinded.Count == evaluated.Count
            && new DleqStatement(_suite, scope, _encoded, blinded, evaluated).Verify(point, proof);
    }

    /// <summary>The same in the mode with public info (RFC 9497, section 3.3.3), where the info tweaks the key.</summary>
    internal bool VerifyTweakedProof(ReadOnlySpan<byte> info, ReadOnlySpan<byte> blindedElements, ReadOnlySpan<byte> evaluatedElements, ReadOnlySpan<byte> proof)
    {
        var group = OprfSuite.Poprf.Group;
        using var scope = group.Order.Begin();
        if (group.DecodeElement(scope, _encoded) is not { } key
            || ElementBatch.Decode(group, scope, blindedElements) is not { } blinded
            || ElementBatch.Decode(group, scope, evaluatedElements) is not { } evaluated
            || blinded.Count != evaluated.Count)
            return false;

        var tweaked = group.Add(scope, key, group.MultiplyGenerator(scope, OprfSuite.Poprf.InfoScalar(scope, info)));
        var tweakedKey = new byte[group.ElementSize];
        // The proof runs the other way, as in PoprfPrivateKey: evaluated elements first.
        return group.TryEncodeElement(scope, tweaked, tweakedKey)
            && new DleqStatement(OprfSuite.Poprf, scope, tweakedKey, evaluated, blinded).Verify(tweaked, proof);
    }
}
