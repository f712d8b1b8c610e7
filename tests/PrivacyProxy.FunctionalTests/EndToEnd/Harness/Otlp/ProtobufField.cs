using System.Buffers.Binary;
using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

/// <summary>One field of a protobuf message, as far as OTLP needs: its number and its bytes, or its number of 64 bits.</summary>
internal readonly record struct ProtobufField(int Number, ReadOnlyMemory<byte> Bytes, ulong Value)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The fields of an embedded message.</summary>
    public IReadOnlyList<ProtobufField> Message => Read(Bytes);

    /// <summary>Eight bytes each.</summary>
    public IReadOnlyList<double> PackedDoubles
    {
        get
        {
            var bytes = Bytes;
            return [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BinaryPrimitives.ReadDoubleLittleEndian(bytes.Span[(i * 8)..]))];
        }
    }

    public static IReadOnlyList<ProtobufField> Read(ReadOnlyMemory<byte> message)
    {
        var fields = new List<ProtobufField>();
        while (!message.IsEmpty)
        {
            var key = Varint(ref message);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    fields.Add(new ProtobufField(number, default, Varint(ref message)));
                    break;
                case 1:
                    fields.Add(new ProtobufField(number, message[..8], BinaryPrimitives.ReadUInt64LittleEndian(message.Span)));
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref message);
                    fields.Add(new ProtobufField(number, message[..length], 0));
                    message = message[length..];
                    break;
                case 5:
                    fields.Add(new ProtobufField(number, message[..4], BinaryPrimitives.ReadUInt32LittleEndian(message.Span)));
                    message = message[4..];
                    break;
                default:
                    throw new FormatException($"Wire type {key & 7} of field {number}");
            }
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes.Span[0];
            bytes = bytes[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }
}
