using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>An input blinded for evaluation (RFC 9497, section 3.3.1); holds the blind until disposed.</summary>
internal sealed class BlindedInput : IDisposable
{
    private readonly OprfSuite _suite;
    private readonly byte[] _input;
    private readonly BigNumber _blind;

    private BlindedInput(OprfSuite suite, byte[] input, BigNumber blind, byte[] element)
    {
        _suite = suite;
        _input = input;
        _blind = blind;
        Element = element;
    }

    /// <summary>The blinded element, serialized.</summary>
    internal byte[] Element { get; }

    /// <summary>Blind, with a random blind.</summary>
    internal static BlindedInput Create(OprfSuite suite, ReadOnlySpan<byte> input)
    {
        using var scope = suite.Group.Order.Begin();
        Span<byte> blind = stackalloc byte[OprfSuite.LargestElement];
        blind = blind[..suite.Group.ScalarSize];
        suite.Group.EncodeScalar(scope.RandomNonZero(), blind);
        var blinded = Create(suite, input, blind);
        CryptographicOperations.ZeroMemory(blind);
        return blinded;
    }

    /// <summary>Blind, with a given blind: for test vectors.</summary>
    internal static BlindedInput Create(OprfSuite suite, ReadOnlySpan<byte> input, ReadOnlySpan<byte> blind)
    {
        var group = suite.Group;
        using var scope = group.Order.Begin();
        var scalar = group.ReadScalar(blind);
        var element = new byte[group.ElementSize];
        if (!group.TryEncodeElement(scope, group.Multiply(scope, suite.HashToGroup(scope, input), scalar), element))
        {
            scalar.Dispose();
            throw new CryptographicException("The input hashes to the identity.");
        }

        return new BlindedInput(suite, input.ToArray(), scalar, element);
    }

    /// <summary>Finalize without its proof, which <see cref="VoprfPublicKey.VerifyProof"/> checks: the output.</summary>
    /// <exception cref="TokenIssuanceException">The evaluated element is invalid.</exception>
    internal byte[] Finalize(ReadOnlySpan<byte> evaluatedElement) => Finalize(evaluatedElement, info: []);

    /// <summary>The same for an evaluation bound to public info (section 3.3.3).</summary>
    /// <exception cref="TokenIssuanceException">The evaluated element is invalid.</exception>
    internal byte[] Finalize(ReadOnlySpan<byte> evaluatedElement, ReadOnlySpan<byte> info)
    {
        var group = _suite.Group;
        using var scope = group.Order.Begin();
        var evaluated = group.DecodeElement(scope, evaluatedElement)
            ?? throw new TokenIssuanceException($"The issuer's evaluated element is not {group.Name}.");
        var inverse = scope.Invert(_blind) ?? throw new CryptographicException("The blind is zero.");
        return _suite.Output(scope, _input, info, group.Multiply(scope, evaluated, inverse));
    }

    public void Dispose() => _blind.Dispose();
}
