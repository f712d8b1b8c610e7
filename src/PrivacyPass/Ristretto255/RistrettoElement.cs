using System.Security.Cryptography;

namespace PrivacyPass.Ristretto255;

/// <summary>An element of ristretto255 (RFC 9496, section 4): a group of prime order made of the curve's points, with one encoding for each element.</summary>
internal sealed class RistrettoElement
{
    internal const int EncodedSize = FieldElement.Size;

    /// <summary>Size of the uniformly random bytes that an element is derived from.</summary>
    internal const int UniformSize = 64;

    private static readonly FieldElement _d = FieldElement.FromHex("52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3");
    private static readonly FieldElement _rootOfMinusDMinusOne = FieldElement.FromHex("376931BF2B8348AC0F3CFCC931F5D1FDAF9D8E0C1B7854BD7E97F6A0497B2E1B");
    private static readonly FieldElement _inverseRootOfAMinusD = FieldElement.FromHex("786C8905CFAFFCA216C27B91FE01D8409D2F16175A4172BE99C8FDAA805D40EA");
    private static readonly FieldElement _oneMinusDSquared = FieldElement.FromHex("029072A8B2B3E0D79994ABDDBE70DFE42C81A138CD5E350FE27C09C1945FC176");
    private static readonly FieldElement _dMinusOneSquared = FieldElement.FromHex("5968B37AF66C22414CDCD32F529B4EEBD29E4A2CB01E199931AD5AAA44ED4D20");

    private readonly EdwardsPoint _point;

    internal RistrettoElement(in EdwardsPoint point) => _point = point;

    internal static RistrettoElement Generator { get; } = new(EdwardsPoint.Generator);

    internal ref readonly EdwardsPoint Point => ref _point;

    /// <summary>Decode (section 4.3.1); null for bytes that encode no element. The identity, all zeros, is one.</summary>
    internal static RistrettoElement? Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != EncodedSize) return null;
        var s = FieldElement.FromBytes(encoded);
        // Only the one encoding of a field element counts, and of s and -s only the one that is not negative.
        Span<byte> canonical = stackalloc byte[EncodedSize];
        s.CopyTo(canonical);
        if (!CryptographicOperations.FixedTimeEquals(canonical, encoded) || s.IsNegative() != 0) return null;

        var ss = s.Square();
        var u1 = FieldElement.One - ss;
        var u2 = FieldElement.One + ss;
        var u2Squared = u2.Square();
        var v = -(_d * u1.Square()) - u2Squared;
        var (inverseRoot, wasSquare) = FieldElement.RootOfRatio(FieldElement.One, v * u2Squared);
        var denominatorX = inverseRoot * u2;
        var denominatorY = inverseRoot * denominatorX * v;
        var x = ((s + s) * denominatorX).Absolute();
        var y = u1 * denominatorY;
        var t = x * y;
        if (wasSquare == 0 || t.IsNegative() != 0 || y.IsZero() != 0) return null;
        return new RistrettoElement(new EdwardsPoint(x, y, FieldElement.One, t));
    }

    /// <summary>Encode (section 4.3.2), 32 bytes.</summary>
    internal void Encode(Span<byte> encoded)
    {
        var (x0, y0, z0, t0) = (_point.X, _point.Y, _point.Z, _point.T);
        var u1 = (z0 + y0) * (z0 - y0);
        var u2 = x0 * y0;
        var (inverseRoot, _) = FieldElement.RootOfRatio(FieldElement.One, u1 * u2.Square());
        var denominator1 = inverseRoot * u1;
        var denominator2 = inverseRoot * u2;
        var inverseZ = denominator1 * denominator2 * t0;
        var rotates = (t0 * inverseZ).IsNegative();
        var x = FieldElement.Select(x0, y0 * FieldElement.RootOfMinusOne, rotates);
        var y = FieldElement.Select(y0, x0 * FieldElement.RootOfMinusOne, rotates);
        var denominator = FieldElement.Select(denominator2, denominator1 * _inverseRootOfAMinusD, rotates);
        y = y.NegatedIf((x * inverseZ).IsNegative());
        (denominator * (z0 - y)).Absolute().CopyTo(encoded);
    }

    /// <summary>True for the identity, however its point is written: its encoding is all zeros.</summary>
    internal bool IsIdentity() => (_point.X * _point.Y).IsZero() != 0;

    /// <summary>Derives an element from 64 uniformly random bytes, such as a hash (section 4.3.4).</summary>
    internal static RistrettoElement FromUniform(ReadOnlySpan<byte> bytes) => new(Map(bytes[..32]) + Map(bytes[32..UniformSize]));

    /// <summary>MAP (section 4.3.4).</summary>
    private static EdwardsPoint Map(ReadOnlySpan<byte> bytes)
    {
        var one = FieldElement.One;
        var t = FieldElement.FromBytes(bytes);
        var r = FieldElement.RootOfMinusOne * t.Square();
        var u = (r + one) * _oneMinusDSquared;
        var v = (-one - (r * _d)) * (r + _d);
        var (root, wasSquare) = FieldElement.RootOfRatio(u, v);
        var negativeRootT = -(root * t).Absolute();
        var s = FieldElement.Select(negativeRootT, root, wasSquare);
        var c = FieldElement.Select(r, -one, wasSquare);
        var n = (c * (r - one) * _dMinusOneSquared) - v;
        var ss = s.Square();
        var w0 = (s + s) * v;
        var w1 = n * _rootOfMinusDMinusOne;
        var w2 = one - ss;
        var w3 = one + ss;
        return new EdwardsPoint(w0 * w3, w2 * w1, w1 * w3, w0 * w2);
    }
}
