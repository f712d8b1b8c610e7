using System.Buffers.Binary;
using Tunneling.Http2.Frames;
using Tunneling.Tests.Http2.Hpack;

namespace Tunneling.Tests.Http2;

/// <summary>What a client sends, frame by frame, well-formed or not.</summary>
internal sealed class ClientBytes
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public int Length => _bytes.Count;

    /// <summary>The preface, and SETTINGS with nothing in them.</summary>
    public static ClientBytes Started() => new ClientBytes().Raw(FrameReader.Preface).Settings();

    public static byte[] Connect(string authority = "destination.example:443") =>
        new BlockWriter().Literal(2, "CONNECT").Literal(1, authority).ToArray();

    public static byte[] Get(string path = "/") =>
        new BlockWriter().Indexed(2).Indexed(7).Literal(1, "proxy.example").Literal(4, path).ToArray();

    public ClientBytes Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public ClientBytes Frame(FrameType type, FrameFlags flags, int stream, ReadOnlySpan<byte> payload = default) => Frame((byte)type, (byte)flags, stream, payload);

    public ClientBytes Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var header = new byte[FrameHeader.Size];
        new FrameHeader(payload.Length, (FrameType)type, (FrameFlags)flags, stream).Write(header);
        return Raw(header).Raw(payload);
    }

    public ClientBytes Settings(params (ushort Id, uint Value)[] settings)
    {
        var payload = new byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * 6), settings[i].Id);
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan((i * 6) + 2), settings[i].Value);
        }

        return Frame(FrameType.Settings, FrameFlags.None, 0, payload);
    }

    public ClientBytes SettingsAck() => Frame(FrameType.Settings, FrameFlags.Ack, 0);

    public ClientBytes Headers(int stream, byte[] block, bool ends = false, bool endsBlock = true) =>
        Frame(FrameType.Headers, (ends ? FrameFlags.EndStream : FrameFlags.None) | (endsBlock ? FrameFlags.EndHeaders : FrameFlags.None), stream, block);

    public ClientBytes Data(int stream, int length, bool ends = false) => Data(stream, new byte[length], ends);

    public ClientBytes Data(int stream, byte[] data, bool ends = false) => Frame(FrameType.Data, ends ? FrameFlags.EndStream : FrameFlags.None, stream, data);

    public ClientBytes WindowUpdate(int stream, uint increment) => Frame(FrameType.WindowUpdate, FrameFlags.None, stream, Number(increment));

    public ClientBytes Reset(int stream, Http2ErrorCode code = Http2ErrorCode.Cancel) => Frame(FrameType.RstStream, FrameFlags.None, stream, Number((uint)code));

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
