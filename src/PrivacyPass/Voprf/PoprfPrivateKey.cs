using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>
/// A private key in the mode with public info (RFC 9497, section 3.3.3), which token types with public metadata build on.
/// Safe for concurrent use.
/// </summary>
internal sealed class PoprfPrivateKey : IDisposable
{
    private static readonly PrimeOrderGroup _group = OprfSuite.Poprf.Group;

    private readonly BigNumber _scalar;

    /// <summary>Takes the scalar of a key of that mode.</summary>
    internal PoprfPrivateKey(ReadOnlySpan<byte> scalar)
    {
        // Its constructor holds the checks of a private key.
        using var key = new OprfPrivateKey(OprfSuite.Poprf, scalar);
        PublicKey = key.PublicKey;
        _scalar = BigNumber.SecretFromBytes(scalar);
    }

    /// <summary>The public key, serialized.</summary>
    internal byte[] PublicKey { get; }

    /// <summary>BlindEvaluate: the evaluated elements, then one proof for all of them, with a random r unless one is given for test vectors.</summary>
    /// <exception cref="TokenIssuanceException">An element is invalid.</exception>
    internal byte[] BlindEvaluate(ReadOnlySpan<byte> blindedElements, ReadOnlySpan<byte> info, ReadOnlySpan<byte> proofRandomness = default)
    {
        using var scope = _group.Order.Begin();
        var blinded = ElementBatch.Decode(_group, scope, blindedElements)
            ?? throw new TokenIssuanceException("A blinded element is not a compressed point of P-384.");
        var (tweaked, inverse) = Tweak(scope, info);
        var tweakedKey = new byte[_group.ElementSize];
        _group.TryEncodeElement(scope, _group.MultiplyGenerator(scope, tweaked), tweakedKey);
        var evaluated = blinded.Multiply(scope, inverse);
        var r = proofRandomness.IsEmpty ? scope.RandomNonZero() : scope.FromBytes(proofRandomness);
        // The proof runs the other way: the tweaked key leads from the evaluated elements back to the blinded ones.
        var statement = new DleqStatement(OprfSuite.Poprf, scope, tweakedKey, evaluated, blinded);
        return [.. evaluated.Bytes, .. statement.Prove(tweaked, r)];
    }

    /// <summary>Evaluate: the output that a client gets for this input and info.</summary>
    internal byte[] Evaluate(ReadOnlySpan<byte> input, ReadOnlySpan<byte> info)
    {
        using var scope = _group.Order.Begin();
        var (_, inverse) = Tweak(scope, info);
        var element = _group.Multiply(scope, OprfSuite.Poprf.HashToGroup(scope, input), inverse);
        return OprfSuite.Poprf.Output(scope, input, info, element);
    }

    public void Dispose() => _scalar.Dispose();

    private (BigNumber Tweaked, BigNumber Inverse) Tweak(ModularScope scope, ReadOnlySpan<byte> info)
    {
        var tweaked = scope.Add(_scalar, OprfSuite.Poprf.InfoScalar(scope, info));
        // An info that hits the negated key would reveal it; nobody can find one (section 3.3.3).
        var inverse = scope.Invert(tweaked) ?? throw new CryptographicException("The info cancels the key.");
        return (tweaked, inverse);
    }
}
