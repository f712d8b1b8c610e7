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

    /// <summary>The blinded element, 49 bytes.</summary>
    internal byte[] Element { get; }

    /// <summary>Blind, with a random blind.</summary>
    internal static BlindedInput Create(OprfSuite suite, ReadOnlySpan<byte> input)
    {
        using var scope = P384.Order.Begin();
        Span<byte> blind = stackalloc byte[P384.ScalarSize];
        scope.RandomNonZero().CopyTo(blind);
        var blinded = Create(suite, input, blind);
        CryptographicOperations.ZeroMemory(blind);
        return blinded;
    }

    /// <summary>Blind, with a given blind of 48 bytes: for test vectors.</summary>
    internal static BlindedInput Create(OprfSuite suite, ReadOnlySpan<byte> input, ReadOnlySpan<byte> blind)
    {
        using var scope = P384.Order.Begin();
        var scalar = BigNumber.SecretFromBytes(blind);
        var element = new byte[P384.ElementSize];
        if (!P384.TryEncodeElement(scope, P384.Multiply(scope, suite.HashToGroup(scope, input), scalar), element))
        {
            scalar.Dispose();
            throw new CryptographicException("The input hashes to the identity.");
        }

        return new BlindedInput(suite, input.ToArray(), scalar, element);
    }

    /// <summary>Finalize without its proof, which <see cref="VoprfPublicKey.VerifyProof"/> checks: the output, 48 bytes.</summary>
    /// <exception cref="TokenIssuanceException">The evaluated element is invalid.</exception>
    internal byte[] Finalize(ReadOnlySpan<byte> evaluatedElement) => Finalize(evaluatedElement, info: []);

    /// <summary>The same for an evaluation bound to public info (section 3.3.3).</summary>
    /// <exception cref="TokenIssuanceException">The evaluated element is invalid.</exception>
    internal byte[] Finalize(ReadOnlySpan<byte> evaluatedElement, ReadOnlySpan<byte> info)
    {
        using var scope = P384.Order.Begin();
        var evaluated = P384.DecodeElement(scope, evaluatedElement)
            ?? throw new TokenIssuanceException("The issuer's evaluated element is not a compressed point of P-384.");
        var inverse = scope.Invert(_blind) ?? throw new CryptographicException("The blind is zero.");
        return _suite.Output(scope, _input, info, P384.Multiply(scope, evaluated, inverse));
    }

    public void Dispose() => _blind.Dispose();
}
