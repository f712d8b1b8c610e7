using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>A private key of RFC 9497 and what its holder computes (sections 3.3.1 and 3.3.2). Safe for concurrent use.</summary>
internal sealed class OprfPrivateKey : IDisposable
{
    private readonly OprfSuite _suite;
    private readonly BigNumber _scalar;

    /// <summary>Reads a serialized scalar.</summary>
    /// <exception cref="TokenIssuanceException">It is zero, not below the group order, or of another size.</exception>
    internal OprfPrivateKey(OprfSuite suite, ReadOnlySpan<byte> scalar)
    {
        _suite = suite;
        using var scope = suite.Group.Order.Begin();
        var group = suite.Group;
        if (group.DecodeScalar(scope, scalar) is not { IsZero: false })
            throw new TokenIssuanceException($"A private key of {group.SuiteName} is {group.ScalarSize} bytes of a number from 1 to the group's order less one.");
        _scalar = group.ReadScalar(scalar);
        PublicKey = new byte[group.ElementSize];
        group.TryEncodeElement(scope, group.MultiplyGenerator(scope, _scalar), PublicKey);
    }

    /// <summary>The public key, serialized.</summary>
    internal byte[] PublicKey { get; }

    /// <summary>DeriveKeyPair (section 3.2.1) from a secret seed and public info.</summary>
    internal static OprfPrivateKey Derive(OprfSuite suite, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> info)
    {
        using var scope = suite.Group.Order.Begin();
        Span<byte> scalar = stackalloc byte[OprfSuite.LargestElement];
        scalar = scalar[..suite.Group.ScalarSize];
        suite.Group.EncodeScalar(suite.DeriveKey(scope, seed, info), scalar);
        var key = new OprfPrivateKey(suite, scalar);
        CryptographicOperations.ZeroMemory(scalar);
        return key;
    }

    /// <summary>The scalar, serialized. Secret.</summary>
    internal byte[] Export()
    {
        var bytes = new byte[_suite.Group.ScalarSize];
        _suite.Group.EncodeScalar(_scalar, bytes);
        return bytes;
    }

    /// <summary>BlindEvaluate of one or more elements: the evaluated elements, then one proof for all of them.</summary>
    /// <exception cref="TokenIssuanceException">An element is invalid.</exception>
    internal byte[] BlindEvaluate(ReadOnlySpan<byte> blindedElements) => BlindEvaluate(blindedElements, proofRandomness: default);

    /// <summary>The same with a given r of the proof unless that is empty: for test vectors.</summary>
    internal byte[] BlindEvaluate(ReadOnlySpan<byte> blindedElements, ReadOnlySpan<byte> proofRandomness)
    {
        using var scope = _suite.Group.Order.Begin();
        var blinded = ElementBatch.Decode(_suite.Group, scope, blindedElements)
            ?? throw new TokenIssuanceException($"A blinded element is not {_suite.Group.Name}.");
        var evaluated = blinded.Multiply(scope, _scalar);
        var r = proofRandomness.IsEmpty ? scope.RandomNonZero() : scope.Own(_suite.Group.ReadScalar(proofRandomness));
        var statement = new DleqStatement(_suite, scope, PublicKey, blinded, evaluated);
        return [.. evaluated.Bytes, .. statement.Prove(_scalar, r)];
    }

    /// <summary>Evaluate: the output that a client gets for this input.</summary>
    internal byte[] Evaluate(ReadOnlySpan<byte> input)
    {
        using var scope = _suite.Group.Order.Begin();
        return _suite.Output(scope, input, info: [], _suite.Group.Multiply(scope, _suite.HashToGroup(scope, input), _scalar));
    }

    public void Dispose() => _scalar.Dispose();
}
