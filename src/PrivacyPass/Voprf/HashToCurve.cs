using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>Hashing to P-384 with the suites P384_XMD:SHA-384_SSWU_RO_ and _NU_ (RFC 9380, section 8.3), and to its scalars.</summary>
internal static class HashToCurve
{
    // L: bytes per field element, so that the bias of the reduction is negligible (section 5.1).
    private const int ElementInputSize = 72;

    private static readonly BigNumber _a = BigNumber.FromHex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFC");
    private static readonly BigNumber _b = BigNumber.FromHex("B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF");
    private static readonly BigNumber _z = BigNumber.FromHex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFF3");
    private static readonly BigNumber _zero = BigNumber.Create();
    private static readonly BigNumber _one = BigNumber.FromHex("01");

    // p - 2, an inverse by Fermat; (p + 1) / 4, a square root as p = 3 mod 4.
    private static readonly BigNumber _inverseExponent = BigNumber.FromHex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFD");
    private static readonly BigNumber _rootExponent = BigNumber.FromHex("3FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFBFFFFFFFC00000000000000040000000");

    /// <summary>hash_to_curve, the random oracle; the point belongs to <paramref name="owner"/>.</summary>
    internal static EcPoint HashToPoint(ModularScope owner, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> uniform = stackalloc byte[2 * ElementInputSize];
        ExpandMessageXmd.Expand(SuiteHash.Sha384, message, tag, uniform);
        return P384.Add(owner, MapToPoint(owner, uniform[..ElementInputSize]), MapToPoint(owner, uniform[ElementInputSize..]));
    }

    /// <summary>encode_to_curve, nonuniform; the point belongs to <paramref name="owner"/>.</summary>
    internal static EcPoint EncodeToPoint(ModularScope owner, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> uniform = stackalloc byte[ElementInputSize];
        ExpandMessageXmd.Expand(SuiteHash.Sha384, message, tag, uniform);
        return MapToPoint(owner, uniform);
    }

    /// <summary>hash_to_field with the group order as its prime; the number belongs to <paramref name="scope"/>, a computation modulo the order.</summary>
    internal static BigNumber HashToScalar(ModularScope scope, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> uniform = stackalloc byte[ElementInputSize];
        ExpandMessageXmd.Expand(SuiteHash.Sha384, message, tag, uniform);
        return scope.Reduce(uniform);
    }

    /// <summary>map_to_curve_simple_swu (section 6.6.2); both candidates are always computed, so that the time does not tell which was taken.</summary>
    private static EcPoint MapToPoint(ModularScope owner, ReadOnlySpan<byte> uniform)
    {
        using var field = P384.Field.Begin();
        var u = field.Reduce(uniform);
        var zu2 = field.Multiply(_z, field.Square(u));
        var denominator = field.Add(field.Square(zu2), zu2);

        var x1 = FirstCandidate(field, denominator);
        var x2 = field.Multiply(zu2, x1);
        var (y1, isSquare) = Root(field, CurveEquation(field, x1));
        var (y2, _) = Root(field, CurveEquation(field, x2));
        var (x, y) = isSquare ? (x1, y1) : (x2, y2);

        var negated = field.Subtract(_zero, y);
        return P384.FromCoordinates(owner, x, u.IsOdd == y.IsOdd ? y : negated);
    }

    /// <summary>(-B / A) * (1 + 1 / denominator), or B / (Z * A) where the denominator is zero.</summary>
    private static BigNumber FirstCandidate(ModularScope field, BigNumber denominator)
    {
        var exceptional = denominator.IsZero;
        var numerator = exceptional ? _b : field.Multiply(field.Subtract(_zero, _b), field.Add(denominator, _one));
        var divisor = field.Multiply(_a, exceptional ? _z : denominator);
        return field.Multiply(numerator, field.Power(divisor, _inverseExponent));
    }

    /// <summary>x^3 + A x + B.</summary>
    private static BigNumber CurveEquation(ModularScope field, BigNumber x) =>
        field.Add(field.Multiply(field.Add(field.Square(x), _a), x), _b);

    private static (BigNumber Root, bool IsSquare) Root(ModularScope field, BigNumber value)
    {
        var root = field.Power(value, _rootExponent);
        return (root, field.Square(root).CompareTo(value) == 0);
    }
}
