using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>Elements with their serializations, one after the other. The points belong to the computation that made them.</summary>
internal sealed class ElementBatch
{
    private ElementBatch(byte[] bytes, EcPoint[] points)
    {
        Bytes = bytes;
        Points = points;
    }

    /// <summary>The serialized elements, 49 bytes each.</summary>
    internal byte[] Bytes { get; }

    /// <summary>The elements.</summary>
    internal IReadOnlyList<EcPoint> Points { get; }

    /// <summary>How many there are.</summary>
    internal int Count => Points.Count;

    /// <summary>The serialization of one.</summary>
    internal ReadOnlySpan<byte> Encoded(int index) => Bytes.AsSpan(index * P384.ElementSize, P384.ElementSize);

    /// <summary>Deserializes one or more elements; null when any is invalid.</summary>
    internal static ElementBatch? Decode(ModularScope scope, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Length % P384.ElementSize != 0) return null;
        var points = new EcPoint[bytes.Length / P384.ElementSize];
        for (var i = 0; i < points.Length; i++)
        {
            if (P384.DecodeElement(scope, bytes.Slice(i * P384.ElementSize, P384.ElementSize)) is not { } point) return null;
            points[i] = point;
        }

        return new ElementBatch(bytes.ToArray(), points);
    }

    /// <summary>Every element times a secret scalar other than zero.</summary>
    internal ElementBatch Multiply(ModularScope scope, BigNumber scalar)
    {
        var bytes = new byte[Bytes.Length];
        var points = new EcPoint[Count];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = P384.Multiply(scope, Points[i], scalar);
            if (!P384.TryEncodeElement(scope, points[i], bytes.AsSpan(i * P384.ElementSize)))
                throw new InvalidOperationException("An element times a scalar other than zero is the identity.");
        }

        return new ElementBatch(bytes, points);
    }
}
