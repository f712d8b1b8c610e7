using System.Buffers.Binary;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>One resource record (RFC 1035, section 4.1.3), its name in the reader's buffer.</summary>
internal readonly ref struct DnsRecord
{
    private const ushort ClassInternet = 1;

    public required ReadOnlySpan<byte> Name { get; init; }

    public required DnsRecordType Type { get; init; }

    /// <summary>Seconds; 0 where the top bit is set (RFC 2181, section 8).</summary>
    public required uint Ttl { get; init; }

    /// <summary>Where the data starts in the message: names in it may point elsewhere.</summary>
    public required int DataOffset { get; init; }

    public required ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Reads the record at <paramref name="offset"/> and moves behind it; false when it is cut short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, Span<byte> nameBuffer, out DnsRecord record)
    {
        record = default;
        if (!DnsName.TryRead(message, ref offset, nameBuffer, out var nameLength) || offset + 10 > message.Length) return false;
        var head = message.Slice(offset, 10);
        var dataLength = BinaryPrimitives.ReadUInt16BigEndian(head[8..]);
        var dataOffset = offset + 10;
        if (dataOffset + dataLength > message.Length) return false;
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        var type = BinaryPrimitives.ReadUInt16BigEndian(head);
        record = new DnsRecord
        {
            Name = nameBuffer[..nameLength],
            Type = BinaryPrimitives.ReadUInt16BigEndian(head[2..]) == ClassInternet ? (DnsRecordType)type : default,
            Ttl = ttl > int.MaxValue ? 0 : ttl,
            DataOffset = dataOffset,
            Data = message.Slice(dataOffset, dataLength),
        };
        offset = dataOffset + dataLength;
        return true;
    }
}
