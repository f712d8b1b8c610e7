namespace PrivacyPass.Ristretto255;

/// <summary>
/// A point of the curve -x^2 + y^2 = 1 + d x^2 y^2 in extended coordinates: x = X / Z, y = Y / Z, x y = T / Z. Its formulas are
/// complete, so none has a special case (Hisil, Wong, Carter and Dawson, 2008).
/// </summary>
internal readonly struct EdwardsPoint
{
    private static readonly FieldElement _twiceD = FieldElement.FromHex("2406D9DC56DFFCE7198E80F2EEF3D13000E0149A8283B156EBD69B9426B2F159");

    internal readonly FieldElement X, Y, Z, T;

    internal EdwardsPoint(in FieldElement x, in FieldElement y, in FieldElement z, in FieldElement t) => (X, Y, Z, T) = (x, y, z, t);

    internal static EdwardsPoint Identity => new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    /// <summary>The point with y = 4/5 and x not negative, from which ristretto255's generator comes.</summary>
    internal static EdwardsPoint Generator { get; } = FromAffine(
        FieldElement.FromHex("216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A"),
        FieldElement.FromHex("6666666666666666666666666666666666666666666666666666666666666658"));

    internal static EdwardsPoint FromAffine(in FieldElement x, in FieldElement y) => new(x, y, FieldElement.One, x * y);

    public static EdwardsPoint operator +(in EdwardsPoint p, in EdwardsPoint q) => p + new Addend(q);

    public static EdwardsPoint operator +(in EdwardsPoint p, in Addend q)
    {
        var a = (p.Y - p.X) * q.YMinusX;
        var b = (p.Y + p.X) * q.YPlusX;
        var c = p.T * q.TwiceDT;
        var d = p.Z * q.TwiceZ;
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new EdwardsPoint(e * f, g * h, f * g, e * h);
    }

    internal EdwardsPoint Double()
    {
        var a = X.Square();
        var b = Y.Square();
        var zz = Z.Square();
        var h = a + b;
        var e = h - (X + Y).Square();
        var g = a - b;
        var f = zz + zz + g;
        return new EdwardsPoint(e * f, g * h, f * g, e * h);
    }

    /// <summary>What an addition makes of its second point, kept where it is added often.</summary>
    internal readonly struct Addend
    {
        internal readonly FieldElement YPlusX, YMinusX, TwiceZ, TwiceDT;

        internal Addend(in EdwardsPoint point)
            : this(point.Y + point.X, point.Y - point.X, point.Z + point.Z, point.T * _twiceD) { }

        private Addend(in FieldElement yPlusX, in FieldElement yMinusX, in FieldElement twiceZ, in FieldElement twiceDT) =>
            (YPlusX, YMinusX, TwiceZ, TwiceDT) = (yPlusX, yMinusX, twiceZ, twiceDT);

        /// <summary>The second where the choice is 1, the first where it is 0.</summary>
        internal static Addend Select(in Addend zero, in Addend one, ulong choice) =>
            new(
                FieldElement.Select(zero.YPlusX, one.YPlusX, choice),
                FieldElement.Select(zero.YMinusX, one.YMinusX, choice),
                FieldElement.Select(zero.TwiceZ, one.TwiceZ, choice),
                FieldElement.Select(zero.TwiceDT, one.TwiceDT, choice));
    }
}
