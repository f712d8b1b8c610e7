using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>The group P-384 as RFC 9497, section 4.4 uses it. Points that a method makes belong to the computation it is given.</summary>
internal static class P384
{
    /// <summary>Size of a serialized element: SEC1 compressed.</summary>
    internal const int ElementSize = 49;

    /// <summary>Size of a serialized scalar: big-endian.</summary>
    internal const int ScalarSize = 48;

    private static readonly EcGroup _group = LibCryptoError.ThrowIfInvalid(LibCrypto.EC_GROUP_new_by_curve_name(LibCrypto.NID_secp384r1));

    /// <summary>The prime of the field, for coordinates.</summary>
    internal static Modulus Field { get; } = new(Convert.FromHexString(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF"));

    /// <summary>The prime order of the group, for scalars.</summary>
    internal static Modulus Order { get; } = new(Convert.FromHexString(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973"));

    /// <summary>DeserializeElement; null for anything but 49 bytes of a compressed point on the curve (so never the identity).</summary>
    internal static EcPoint? DecodeElement(ModularScope scope, ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != ElementSize || encoded[0] is not (0x02 or 0x03)) return null;
        var point = New(scope);
        if (LibCrypto.EC_POINT_oct2point(_group, point, encoded, (nuint)encoded.Length, scope.Context) == 1) return point;
        LibCrypto.ERR_clear_error();
        return null;
    }

    /// <summary>SerializeElement; false for the identity, which has no encoding of 49 bytes.</summary>
    internal static bool TryEncodeElement(ModularScope scope, EcPoint point, Span<byte> encoded)
    {
        if (LibCrypto.EC_POINT_is_at_infinity(_group, point) != 0) return false;
        var written = LibCrypto.EC_POINT_point2oct(
            _group, point, LibCrypto.POINT_CONVERSION_COMPRESSED, encoded[..ElementSize], ElementSize, scope.Context);
        if (written != ElementSize) LibCryptoError.Throw(nameof(LibCrypto.EC_POINT_point2oct));
        return true;
    }

    /// <summary>The point with these affine coordinates, which must lie on the curve.</summary>
    internal static EcPoint FromCoordinates(ModularScope scope, BigNumber x, BigNumber y)
    {
        var point = New(scope);
        LibCryptoError.ThrowUnlessOne(LibCrypto.EC_POINT_set_affine_coordinates(_group, point, x, y, scope.Context));
        return point;
    }

    /// <summary>left + right.</summary>
    internal static EcPoint Add(ModularScope scope, EcPoint left, EcPoint right)
    {
        var sum = New(scope);
        LibCryptoError.ThrowUnlessOne(LibCrypto.EC_POINT_add(_group, sum, left, right, scope.Context));
        return sum;
    }

    /// <summary>scalar * point; libcrypto's constant-time ladder.</summary>
    internal static EcPoint Multiply(ModularScope scope, EcPoint point, BigNumber scalar)
    {
        var product = New(scope);
        LibCryptoError.ThrowUnlessOne(LibCrypto.EC_POINT_mul(_group, product, 0, point, scalar, scope.Context));
        return product;
    }

    /// <summary>scalar * generator; libcrypto's constant-time ladder.</summary>
    internal static EcPoint MultiplyGenerator(ModularScope scope, BigNumber scalar)
    {
        var product = New(scope);
        LibCryptoError.ThrowUnlessOne(LibCrypto.EC_POINT_mul(_group, product, scalar, 0, 0, scope.Context));
        return product;
    }

    /// <summary>generatorScalar * generator + scalar * point, in variable time: for public values only.</summary>
    internal static EcPoint MultiplyPublic(ModularScope scope, BigNumber generatorScalar, EcPoint point, BigNumber scalar)
    {
        var sum = New(scope);
        LibCryptoError.ThrowUnlessOne(LibCrypto.EC_POINT_mul(_group, sum, generatorScalar, point, scalar, scope.Context));
        return sum;
    }

    /// <summary>The sum of scalars[i] * points[i], in variable time with shared doublings: for public values only.</summary>
    internal static EcPoint MultiplySumPublic(ModularScope scope, EcPoint[] points, IReadOnlyList<BigNumber> scalars)
    {
        // libcrypto takes its constant-time ladder for one; the sum is what shares work.
        if (points.Length == 1) return Multiply(scope, points[0], scalars[0]);
        var sum = New(scope);
        var pointers = new nint[points.Length];
        var numbers = new nint[points.Length];
        // What they point to is held by the scope until its end.
        for (var i = 0; i < points.Length; i++) (pointers[i], numbers[i]) = (points[i].DangerousGetHandle(), scalars[i].DangerousGetHandle());
        LibCryptoError.ThrowUnlessOne(LibCrypto.EC_POINTs_mul(_group, sum, 0, (nuint)points.Length, pointers, numbers, scope.Context));
        GC.KeepAlive(points);
        GC.KeepAlive(scalars);
        return sum;
    }

    private static EcPoint New(ModularScope scope) => scope.Own(EcPoint.Create(_group));
}
