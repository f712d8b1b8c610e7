using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PrivacyPass.Ristretto255;

/// <summary>
/// A number modulo 2^255 - 19 in five limbs of 51 bits. No operation branches on a value or looks anything up by it, so the time
/// tells nothing. Limbs of a product are below 2^52; sums of two such are taken as factors as they are.
/// </summary>
internal readonly struct FieldElement
{
    internal const int Size = 32;

    private const ulong Mask = (1UL << 51) - 1;

    private readonly ulong _l0, _l1, _l2, _l3, _l4;

    private FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) => (_l0, _l1, _l2, _l3, _l4) = (l0, l1, l2, l3, l4);

    internal static FieldElement Zero => default;

    internal static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>A square root of -1.</summary>
    internal static FieldElement RootOfMinusOne { get; } = FromHex("2B8324804FC1DF0B2B4D00993DFBD7A72F431806AD2FE478C4EE1B274A0EA0B0");

    /// <summary>Reads 32 little-endian bytes; the top bit is ignored, a value from p to 2^255 - 1 stands for its remainder.</summary>
    internal static FieldElement FromBytes(ReadOnlySpan<byte> bytes)
    {
        var w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        var w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        var w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new FieldElement(
            w0 & Mask,
            ((w0 >> 51) | (w1 << 13)) & Mask,
            ((w1 >> 38) | (w2 << 26)) & Mask,
            ((w2 >> 25) | (w3 << 39)) & Mask,
            (w3 >> 12) & Mask);
    }

    /// <summary>Reads big-endian hexadecimal, as the RFC's constants are written here.</summary>
    internal static FieldElement FromHex(string bigEndian)
    {
        var bytes = Convert.FromHexString(bigEndian);
        Array.Reverse(bytes);
        return FromBytes(bytes);
    }

    /// <summary>Writes the one number from 0 to p - 1, 32 little-endian bytes.</summary>
    internal void CopyTo(Span<byte> bytes)
    {
        var e = Carried();
        // 1 where the value is p or more: then 19 more carry out of bit 255.
        var q = (e._l0 + 19) >> 51;
        q = (e._l1 + q) >> 51;
        q = (e._l2 + q) >> 51;
        q = (e._l3 + q) >> 51;
        q = (e._l4 + q) >> 51;
        var l0 = e._l0 + (19 * q);
        var l1 = e._l1 + (l0 >> 51);
        var l2 = e._l2 + (l1 >> 51);
        var l3 = e._l3 + (l2 >> 51);
        var l4 = e._l4 + (l3 >> 51);
        (l0, l1, l2, l3, l4) = (l0 & Mask, l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, l0 | (l1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (l1 >> 13) | (l2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (l2 >> 26) | (l3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (l3 >> 39) | (l4 << 12));
    }

    public static FieldElement operator +(in FieldElement a, in FieldElement b) =>
        new(a._l0 + b._l0, a._l1 + b._l1, a._l2 + b._l2, a._l3 + b._l3, a._l4 + b._l4);

    public static FieldElement operator -(in FieldElement a, in FieldElement b)
    {
        // 16 p is added first, so that no limb goes below zero.
        const ulong Low = 16 * (Mask - 18);
        const ulong High = 16 * Mask;
        return new FieldElement(a._l0 + Low - b._l0, a._l1 + High - b._l1, a._l2 + High - b._l2, a._l3 + High - b._l3, a._l4 + High - b._l4).Carried();
    }

    public static FieldElement operator -(in FieldElement a) => Zero - a;

    public static FieldElement operator *(in FieldElement a, in FieldElement b)
    {
        // What goes beyond 2^255 comes back times 19.
        var (b1, b2, b3, b4) = (b._l1 * 19, b._l2 * 19, b._l3 * 19, b._l4 * 19);
        var c0 = Wide(a._l0, b._l0, a._l4, b1, a._l3, b2, a._l2, b3, a._l1, b4);
        var c1 = Wide(a._l1, b._l0, a._l0, b._l1, a._l4, b2, a._l3, b3, a._l2, b4);
        var c2 = Wide(a._l2, b._l0, a._l1, b._l1, a._l0, b._l2, a._l4, b3, a._l3, b4);
        var c3 = Wide(a._l3, b._l0, a._l2, b._l1, a._l1, b._l2, a._l0, b._l3, a._l4, b4);
        var c4 = Wide(a._l4, b._l0, a._l3, b._l1, a._l2, b._l2, a._l1, b._l3, a._l0, b._l4);
        return Reduce(c0, c1, c2, c3, c4);
    }

    internal FieldElement Square()
    {
        var (d0, d1, d2) = (_l0 * 2, _l1 * 2, _l2 * 2);
        var (n3, n4) = (_l3 * 19, _l4 * 19);
        var c0 = Wide(_l0, _l0, d1, n4, d2, n3);
        var c1 = Wide(d0, _l1, d2, n4, _l3, n3);
        var c2 = Wide(d0, _l2, _l1, _l1, _l3 * 2, n4);
        var c3 = Wide(d0, _l3, d1, _l2, _l4, n4);
        var c4 = Wide(d0, _l4, d1, _l3, _l2, _l2);
        return Reduce(c0, c1, c2, c3, c4);
    }

    /// <summary>The inverse; zero for zero.</summary>
    internal FieldElement Invert() => PowerOf250Ones(out var to11).SquareTimes(5) * to11;

    /// <summary>
    /// The root of u / v where that is a square, else of i * u / v, in either case the one that is not negative (RFC 9496, section 4.2,
    /// SQRT_RATIO_M1). Zero for u = 0, which counts as a square, and for v = 0, which does not.
    /// </summary>
    internal static (FieldElement Root, ulong WasSquare) RootOfRatio(in FieldElement u, in FieldElement v)
    {
        var v3 = v.Square() * v;
        var v7 = v3.Square() * v;
        var r = u * v3 * (u * v7).PowerOfSquareRoots();
        var check = v * r.Square();
        var isCorrect = IsEqual(check, u);
        var isFlipped = IsEqual(check, -u);
        var isFlippedByRoot = IsEqual(check, -u * RootOfMinusOne);
        r = Select(r, r * RootOfMinusOne, isFlipped | isFlippedByRoot);
        return (r.Absolute(), isCorrect | isFlipped);
    }

    /// <summary>1 for an odd number from 0 to p - 1, else 0 (RFC 9496, section 4.1).</summary>
    internal ulong IsNegative()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return bytes[0] & 1UL;
    }

    /// <summary>1 for zero, else 0.</summary>
    internal ulong IsZero()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        var any = BinaryPrimitives.ReadUInt64LittleEndian(bytes) | BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])
            | BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) | BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return 1 ^ ((any | (0 - any)) >> 63);
    }

    /// <summary>1 where both are the same number, else 0.</summary>
    internal static ulong IsEqual(in FieldElement a, in FieldElement b) => (a - b).IsZero();

    /// <summary>The second where the choice is 1, the first where it is 0.</summary>
    internal static FieldElement Select(in FieldElement zero, in FieldElement one, ulong choice)
    {
        var mask = 0 - choice;
        return new FieldElement(
            zero._l0 ^ (mask & (zero._l0 ^ one._l0)),
            zero._l1 ^ (mask & (zero._l1 ^ one._l1)),
            zero._l2 ^ (mask & (zero._l2 ^ one._l2)),
            zero._l3 ^ (mask & (zero._l3 ^ one._l3)),
            zero._l4 ^ (mask & (zero._l4 ^ one._l4)));
    }

    /// <summary>Negated where the choice is 1.</summary>
    internal FieldElement NegatedIf(ulong choice) => Select(this, -this, choice);

    internal FieldElement Absolute() => NegatedIf(IsNegative());

    /// <summary>To the power (p - 5) / 8 = 2^252 - 3.</summary>
    private FieldElement PowerOfSquareRoots() => PowerOf250Ones(out _).SquareTimes(2) * this;

    /// <summary>To the power 2^250 - 1, and on the way to the power 11.</summary>
    private FieldElement PowerOf250Ones(out FieldElement to11)
    {
        var to2 = Square();
        var to9 = to2.SquareTimes(2) * this;
        to11 = to9 * to2;
        var ones5 = to11.Square() * to9;
        var ones10 = ones5.SquareTimes(5) * ones5;
        var ones20 = ones10.SquareTimes(10) * ones10;
        var ones40 = ones20.SquareTimes(20) * ones20;
        var ones50 = ones40.SquareTimes(10) * ones10;
        var ones100 = ones50.SquareTimes(50) * ones50;
        var ones200 = ones100.SquareTimes(100) * ones100;
        return ones200.SquareTimes(50) * ones50;
    }

    private FieldElement SquareTimes(int count)
    {
        var value = this;
        for (var i = 0; i < count; i++) value = value.Square();
        return value;
    }

    /// <summary>Limbs below 2^51 and a bit.</summary>
    private FieldElement Carried() =>
        new(
            (_l0 & Mask) + (19 * (_l4 >> 51)),
            (_l1 & Mask) + (_l0 >> 51),
            (_l2 & Mask) + (_l1 >> 51),
            (_l3 & Mask) + (_l2 >> 51),
            (_l4 & Mask) + (_l3 >> 51));

    private static FieldElement Reduce(UInt128 c0, UInt128 c1, UInt128 c2, UInt128 c3, UInt128 c4)
    {
        c1 += (ulong)(c0 >> 51);
        c2 += (ulong)(c1 >> 51);
        c3 += (ulong)(c2 >> 51);
        c4 += (ulong)(c3 >> 51);
        var l0 = ((ulong)c0 & Mask) + (19 * (ulong)(c4 >> 51));
        var l1 = ((ulong)c1 & Mask) + (l0 >> 51);
        return new FieldElement(l0 & Mask, l1, (ulong)c2 & Mask, (ulong)c3 & Mask, (ulong)c4 & Mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Wide(ulong a, ulong b, ulong c, ulong d, ulong e, ulong f)
    {
        var (high, low) = (0UL, 0UL);
        Accumulate(ref high, ref low, a, b);
        Accumulate(ref high, ref low, c, d);
        Accumulate(ref high, ref low, e, f);
        return new UInt128(high, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Wide(ulong a, ulong b, ulong c, ulong d, ulong e, ulong f, ulong g, ulong h, ulong i, ulong j)
    {
        var (high, low) = (0UL, 0UL);
        Accumulate(ref high, ref low, a, b);
        Accumulate(ref high, ref low, c, d);
        Accumulate(ref high, ref low, e, f);
        Accumulate(ref high, ref low, g, h);
        Accumulate(ref high, ref low, i, j);
        return new UInt128(high, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref ulong high, ref ulong low, ulong a, ulong b)
    {
        high += Math.BigMul(a, b, out var product);
        low += product;
        // A comparison kept as a number: no branch.
        high += Unsafe.BitCast<bool, byte>(low < product);
    }
}
