using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>Elements with their serializations, one after the other. The points belong to the computation that made them.</summary>
internal sealed class ElementBatch
{
    private readonly PrimeOrderGroup _group;

    private ElementBatch(PrimeOrderGroup group, byte[] bytes, IGroupElement[] points)
    {
        _group = group;
        Bytes = bytes;
        Points = points;
    }

    /// <summary>The serialized elements.</summary>
    internal byte[] Bytes { get; }

    /// <summary>The elements.</summary>
    internal IReadOnlyList<IGroupElement> Points { get; }

    /// <summary>How many there are.</summary>
    internal int Count => Points.Count;

    /// <summary>The serialization of one.</summary>
    internal ReadOnlySpan<byte> Encoded(int index) => Bytes.AsSpan(index * _group.ElementSize, _group.ElementSize);

    /// <summary>Deserializes one or more elements; null when any is invalid.</summary>
    internal static ElementBatch? Decode(PrimeOrderGroup group, ModularScope scope, ReadOnlySpan<byte> bytes)
    {
        var size = group.ElementSize;
        if (bytes.IsEmpty || bytes.Length % size != 0) return null;
        var points = new IGroupElement[bytes.Length / size];
        for (var i = 0; i < points.Length; i++)
        {
            if (group.DecodeElement(scope, bytes.Slice(i * size, size)) is not { } point) return null;
            points[i] = point;
        }

        return new ElementBatch(group, bytes.ToArray(), points);
    }

    /// <summary>Every element times a secret scalar other than zero.</summary>
    internal ElementBatch Multiply(ModularScope scope, BigNumber scalar)
    {
        var bytes = new byte[Bytes.Length];
        var points = new IGroupElement[Count];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = _group.Multiply(scope, Points[i], scalar);
            if (!_group.TryEncodeElement(scope, points[i], bytes.AsSpan(i * _group.ElementSize)))
                throw new InvalidOperationException("An element times a scalar other than zero is the identity.");
        }

        return new ElementBatch(_group, bytes, points);
    }
}
