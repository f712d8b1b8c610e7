using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>A private key of RFC 9497 and what its holder computes (sections 3.3.1 and 3.3.2). Safe for concurrent use.</summary>
internal sealed class OprfPrivateKey : IDisposable
{
    private readonly OprfSuite _suite;
    private readonly BigNumber _scalar;

    /// <summary>Reads a 48-byte scalar.</summary>
    /// <exception cref="TokenIssuanceException">It is zero, not below the group order, or of another size.</exception>
    internal OprfPrivateKey(OprfSuite suite, ReadOnlySpan<byte> scalar)
    {
        _suite = suite;
        using var scope = P384.Order.Begin();
        if (P384.DecodeScalar(scope, scalar) is not { IsZero: false })
            throw new TokenIssuanceException("A type 1 private key is 48 bytes of a number from 1 to the order of P-384 less one.");
        _scalar = BigNumber.SecretFromBytes(scalar);
        PublicKey = new byte[P384.ElementSize];
        P384.TryEncodeElement(scope, P384.MultiplyGenerator(scope, _scalar), PublicKey);
    }

    /// <summary>The public key, serialized.</summary>
    internal byte[] PublicKey { get; }

    /// <summary>DeriveKeyPair (section 3.2.1) from a secret seed and public info.</summary>
    internal static OprfPrivateKey Derive(OprfSuite suite, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> info)
    {
        using var scope = P384.Order.Begin();
        Span<byte> scalar = stackalloc byte[P384.ScalarSize];
        suite.DeriveKey(scope, seed, info).CopyTo(scalar);
        var key = new OprfPrivateKey(suite, scalar);
        CryptographicOperations.ZeroMemory(scalar);
        return key;
    }

    /// <summary>The scalar, 48 bytes. Secret.</summary>
    internal byte[] Export()
    {
        var bytes = new byte[P384.ScalarSize];
        _scalar.CopyTo(bytes);
        return bytes;
    }

    /// <summary>BlindEvaluate of one or more elements: the evaluated elements, then one proof for all of them.</summary>
    /// <exception cref="TokenIssuanceException">An element is invalid.</exception>
    internal byte[] BlindEvaluate(ReadOnlySpan<byte> blindedElements) => BlindEvaluate(blindedElements, proofRandomness: default);

    /// <summary>The same with a given r of the proof unless that is empty: for test vectors.</summary>
    internal byte[] BlindEvaluate(ReadOnlySpan<byte> blindedElements, ReadOnlySpan<byte> proofRandomness)
    {
        using var scope = P384.Order.Begin();
        var blinded = ElementBatch.Decode(scope, blindedElements)
            ?? throw new TokenIssuanceException("A blinded element is not a compressed point of P-384.");
        var evaluated = blinded.Multiply(scope, _scalar);
        var r = proofRandomness.IsEmpty ? scope.RandomNonZero() : scope.FromBytes(proofRandomness);
        var statement = new DleqStatement(_suite, scope, PublicKey, blinded, evaluated);
        return [.. evaluated.Bytes, .. statement.Prove(_scalar, r)];
    }

    /// <summary>Evaluate: the output that a client gets for this input.</summary>
    internal byte[] Evaluate(ReadOnlySpan<byte> input)
    {
        using var scope = P384.Order.Begin();
        return _suite.Output(scope, input, info: [], P384.Multiply(scope, _suite.HashToGroup(scope, input), _scalar));
    }

    public void Dispose() => _scalar.Dispose();
}
