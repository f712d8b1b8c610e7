using System.Buffers.Binary;

namespace PrivacyPass.Voprf;

/// <summary>What RFC 9497 hashes: byte strings with two-byte lengths, then a label without one. Wiped when disposed.</summary>
internal sealed class Transcript : IDisposable
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Appends I2OSP(length, 2) and the bytes.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        AppendNumber(bytes.Length);
        _bytes.Write(bytes);
    }

    /// <summary>Appends I2OSP(number, 2).</summary>
    internal void AppendNumber(int number)
    {
        Span<byte> encoded = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(encoded, checked((ushort)number));
        _bytes.Write(encoded);
    }

    /// <summary>All bytes with the label at their end.</summary>
    internal ReadOnlySpan<byte> WithLabel(ReadOnlySpan<byte> label)
    {
        _bytes.Write(label);
        return _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);
    }

    /// <summary>The hash of all bytes with the label at their end.</summary>
    internal byte[] Finish(SuiteHash hash, ReadOnlySpan<byte> label) => hash.Of(WithLabel(label));

    public void Dispose()
    {
        Array.Clear(_bytes.GetBuffer());
        _bytes.Dispose();
    }
}
