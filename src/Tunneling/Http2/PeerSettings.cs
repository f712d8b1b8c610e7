using System.Buffers.Binary;
using Tunneling.Http2.Frames;

namespace Tunneling.Http2;

/// <summary>What the client's SETTINGS say (RFC 9113, section 6.5.2).</summary>
internal struct PeerSettings
{
    public const int DefaultWindow = 65_535;

    public PeerSettings()
    {
    }

    /// <summary>The window of its streams.</summary>
    public int InitialWindowSize { get; private set; } = DefaultWindow;

    /// <summary>The largest payload it takes.</summary>
    public int MaxFrameSize { get; private set; } = FrameHeader.DefaultMaxLength;

    /// <summary>It has asked for a smaller table than every peer begins with: the next block says so (RFC 7541, section 4.2).</summary>
    public bool HasLoweredTable { get; private set; }

    /// <summary>Reads a payload of whole settings; the last one of a kind counts.</summary>
    public Http2ErrorCode Read(ReadOnlySpan<byte> payload)
    {
        for (; !payload.IsEmpty; payload = payload[6..])
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
            switch ((SettingId)BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case SettingId.HeaderTableSize:
                    HasLoweredTable |= value < Hpack.HpackDecoder.DefaultTableSize;
                    break;
                case SettingId.EnablePush or SettingId.EnableConnectProtocol when value > 1:
                    return Http2ErrorCode.ProtocolError;
                case SettingId.InitialWindowSize when value > int.MaxValue:
                    return Http2ErrorCode.FlowControlError;
                case SettingId.InitialWindowSize:
                    InitialWindowSize = (int)value;
                    break;
                case SettingId.MaxFrameSize when value is < FrameHeader.DefaultMaxLength or > 0xff_ffff:
                    return Http2ErrorCode.ProtocolError;
                case SettingId.MaxFrameSize:
                    MaxFrameSize = (int)value;
                    break;
            }
        }

        return Http2ErrorCode.NoError;
    }
}
