using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>P384-SHA384 (RFC 9497, section 4.4).</summary>
internal sealed class P384Group : PrimeOrderGroup
{
    private P384Group()
    {
    }

    internal static P384Group Instance { get; } = new();

    internal override string SuiteName => "P384-SHA384";

    internal override string Name => "a compressed point of P-384";

    internal override int ElementSize => P384.ElementSize;

    internal override int ScalarSize => P384.ScalarSize;

    internal override SuiteHash Hash => SuiteHash.Sha384;

    internal override Modulus Order => P384.Order;

    internal override IGroupElement? DecodeElement(ModularScope scope, ReadOnlySpan<byte> encoded) =>
        P384.DecodeElement(scope, encoded) is { } point ? Wrap(point) : null;

    internal override bool TryEncodeElement(ModularScope scope, IGroupElement element, Span<byte> encoded) => P384.TryEncodeElement(scope, Point(element), encoded);

    internal override BigNumber ReadScalar(ReadOnlySpan<byte> encoded) => BigNumber.SecretFromBytes(encoded);

    internal override void EncodeScalar(BigNumber scalar, Span<byte> encoded) => scalar.CopyTo(encoded[..P384.ScalarSize]);

    internal override IGroupElement Add(ModularScope scope, IGroupElement left, IGroupElement right) => Wrap(P384.Add(scope, Point(left), Point(right)));

    internal override IGroupElement Multiply(ModularScope scope, IGroupElement element, BigNumber scalar) => Wrap(P384.Multiply(scope, Point(element), scalar));

    internal override IGroupElement MultiplyGenerator(ModularScope scope, BigNumber scalar) => Wrap(P384.MultiplyGenerator(scope, scalar));

    internal override IGroupElement MultiplyPublic(ModularScope scope, BigNumber generatorScalar, IGroupElement element, BigNumber scalar) =>
        Wrap(P384.MultiplyPublic(scope, generatorScalar, Point(element), scalar));

    internal override IGroupElement MultiplySumPublic(ModularScope scope, IReadOnlyList<IGroupElement> elements, IReadOnlyList<BigNumber> scalars) =>
        Wrap(P384.MultiplySumPublic(scope, [.. elements.Select(Point)], scalars));

    internal override IGroupElement HashToElement(ModularScope scope, ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag) => Wrap(HashToCurve.HashToPoint(scope, input, tag));

    internal override BigNumber HashToScalar(ModularScope scope, ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag) => HashToCurve.HashToScalar(scope, input, tag);

    private static GroupElement<EcPoint> Wrap(EcPoint point) => new(point);

    private static EcPoint Point(IGroupElement element) => ((GroupElement<EcPoint>)element).Value;
}
