using System.Buffers.Binary;
using Tunneling.Http2.Frames;

namespace Tunneling.Tests.Http2;

/// <summary>A frame that the server has sent.</summary>
internal sealed record SentFrame(FrameHeader Header, byte[] Payload)
{
    public FrameType Type => Header.Type;

    public uint FirstNumber => BinaryPrimitives.ReadUInt32BigEndian(Payload);

    public static List<SentFrame> Parse(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<SentFrame>();
        while (!bytes.IsEmpty)
        {
            var header = FrameHeader.Read(bytes);
            frames.Add(new SentFrame(header, bytes.Slice(FrameHeader.Size, header.Length).ToArray()));
            bytes = bytes[(FrameHeader.Size + header.Length)..];
        }

        return frames;
    }

    public override string ToString() => Type switch
    {
        FrameType.RstStream => $"RST_STREAM {Header.StreamId} {(Http2ErrorCode)FirstNumber}",
        FrameType.GoAway => $"GOAWAY {FirstNumber} {(Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(4))}",
        FrameType.WindowUpdate => $"WINDOW_UPDATE {Header.StreamId} {FirstNumber}",
        _ => $"{Type} {Header.StreamId} {Header.Length} {(byte)Header.Flags:x}",
    };
}
