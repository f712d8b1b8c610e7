using System.Security.Cryptography;
using PrivacyPass.Native;
using PrivacyPass.Ristretto255;

namespace PrivacyPass.Voprf;

/// <summary>ristretto255-SHA512 (RFC 9497, section 4.1). Scalars are little-endian on the wire.</summary>
internal sealed class Ristretto255Group : PrimeOrderGroup
{
    private const int Size = 32;

    private Ristretto255Group()
    {
    }

    internal static Ristretto255Group Instance { get; } = new();

    internal override string SuiteName => "ristretto255-SHA512";

    internal override string Name => "an element of ristretto255";

    internal override int ElementSize => RistrettoElement.EncodedSize;

    internal override int ScalarSize => Size;

    internal override SuiteHash Hash => SuiteHash.Sha512;

    internal override Modulus Order { get; } = new(Convert.FromHexString("1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED"));

    internal override IGroupElement? DecodeElement(ModularScope scope, ReadOnlySpan<byte> encoded) =>
        RistrettoElement.Decode(encoded) is { } element && !element.IsIdentity() ? new GroupElement<RistrettoElement>(element) : null;

    internal override bool TryEncodeElement(ModularScope scope, IGroupElement element, Span<byte> encoded)
    {
        var value = Inner(element);
        if (value.IsIdentity()) return false;
        value.Encode(encoded);
        return true;
    }

    internal override BigNumber ReadScalar(ReadOnlySpan<byte> encoded)
    {
        Span<byte> bigEndian = stackalloc byte[Size];
        encoded.CopyTo(bigEndian);
        bigEndian.Reverse();
        var scalar = BigNumber.SecretFromBytes(bigEndian);
        CryptographicOperations.ZeroMemory(bigEndian);
        return scalar;
    }

    internal override void EncodeScalar(BigNumber scalar, Span<byte> encoded)
    {
        scalar.CopyTo(encoded[..Size]);
        encoded[..Size].Reverse();
    }

    internal override IGroupElement Add(ModularScope scope, IGroupElement left, IGroupElement right) => Wrap(Inner(left).Point + Inner(right).Point);

    internal override IGroupElement Multiply(ModularScope scope, IGroupElement element, BigNumber scalar)
    {
        Span<byte> digits = stackalloc byte[Size];
        scalar.CopyTo(digits);
        var product = Wrap(ScalarMultiplication.Multiply(Inner(element).Point, digits));
        CryptographicOperations.ZeroMemory(digits);
        return product;
    }

    internal override IGroupElement MultiplyGenerator(ModularScope scope, BigNumber scalar)
    {
        Span<byte> digits = stackalloc byte[Size];
        scalar.CopyTo(digits);
        var product = Wrap(ScalarMultiplication.MultiplyGenerator(digits));
        CryptographicOperations.ZeroMemory(digits);
        return product;
    }

    internal override IGroupElement MultiplyPublic(ModularScope scope, BigNumber generatorScalar, IGroupElement element, BigNumber scalar) =>
        MultiplySumPublic(scope, [new GroupElement<RistrettoElement>(RistrettoElement.Generator), element], [generatorScalar, scalar]);

    internal override IGroupElement MultiplySumPublic(ModularScope scope, IReadOnlyList<IGroupElement> elements, IReadOnlyList<BigNumber> scalars)
    {
        var points = new EdwardsPoint[elements.Count];
        var digits = new byte[elements.Count][];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = Inner(elements[i]).Point;
            scalars[i].CopyTo(digits[i] = new byte[Size]);
        }

        return Wrap(ScalarMultiplication.MultiplySumPublic(points, digits));
    }

    internal override IGroupElement HashToElement(ModularScope scope, ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag)
    {
        Span<byte> uniform = stackalloc byte[RistrettoElement.UniformSize];
        ExpandMessageXmd.Expand(Hash, input, tag, uniform);
        return new GroupElement<RistrettoElement>(RistrettoElement.FromUniform(uniform));
    }

    internal override BigNumber HashToScalar(ModularScope scope, ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag)
    {
        Span<byte> uniform = stackalloc byte[64];
        ExpandMessageXmd.Expand(Hash, input, tag, uniform);
        uniform.Reverse();
        return scope.Reduce(uniform);
    }

    private static RistrettoElement Inner(IGroupElement element) => ((GroupElement<RistrettoElement>)element).Value;

    private static GroupElement<RistrettoElement> Wrap(in EdwardsPoint point) => new(new RistrettoElement(point));
}
