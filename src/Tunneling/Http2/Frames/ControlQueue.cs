using System.Buffers;
using System.Buffers.Binary;

namespace Tunneling.Http2.Frames;

/// <summary>Whole frames that wait to be sent before any DATA: answers, acknowledgements, windows, resets. Holds a pooled buffer only while something waits.</summary>
internal sealed class ControlQueue : IDisposable
{
    private const int FirstCapacity = 256;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>Bytes that wait.</summary>
    public int Length => _end - _start;

    /// <summary>Room for a whole frame, its header included; written by the caller.</summary>
    public Span<byte> Append(int length)
    {
        EnsureRoom(length);
        var span = _buffer.AsSpan(_end, length);
        _end += length;
        return span;
    }

    /// <summary>Takes back bytes that <see cref="Append"/> gave out at the end and that were not needed.</summary>
    public void Trim(int length) => _end -= length;

    /// <summary>Moves what fits to <paramref name="destination"/>; returns how much.</summary>
    public int Take(Span<byte> destination)
    {
        var count = Math.Min(Length, destination.Length);
        if (count == 0) return 0;
        _buffer.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        if (_start == _end) Dispose();
        return count;
    }

    /// <summary>RST_STREAM (RFC 9113, section 6.4).</summary>
    public void AppendReset(int streamId, Http2ErrorCode code)
    {
        var frame = AppendHeader(new FrameHeader(4, FrameType.RstStream, FrameFlags.None, streamId));
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)code);
    }

    /// <summary>WINDOW_UPDATE (section 6.9); stream 0 is the connection.</summary>
    public void AppendWindowUpdate(int streamId, int increment)
    {
        var frame = AppendHeader(new FrameHeader(4, FrameType.WindowUpdate, FrameFlags.None, streamId));
        BinaryPrimitives.WriteInt32BigEndian(frame, increment);
    }

    /// <summary>GOAWAY (section 6.8).</summary>
    public void AppendGoAway(int lastStreamId, Http2ErrorCode code)
    {
        var frame = AppendHeader(new FrameHeader(8, FrameType.GoAway, FrameFlags.None, 0));
        BinaryPrimitives.WriteInt32BigEndian(frame, lastStreamId);
        BinaryPrimitives.WriteUInt32BigEndian(frame[4..], (uint)code);
    }

    /// <summary>PING (section 6.7): eight bytes.</summary>
    public void AppendPing(ReadOnlySpan<byte> opaque, bool isAck) =>
        opaque.CopyTo(AppendHeader(new FrameHeader(8, FrameType.Ping, isAck ? FrameFlags.Ack : FrameFlags.None, 0)));

    /// <summary>The acknowledgement of settings (section 6.5.3).</summary>
    public void AppendSettingsAck() => AppendHeader(new FrameHeader(0, FrameType.Settings, FrameFlags.Ack, 0));

    /// <summary>SETTINGS (section 6.5).</summary>
    public void AppendSettings(params ReadOnlySpan<(SettingId Id, int Value)> settings)
    {
        var frame = AppendHeader(new FrameHeader(settings.Length * 6, FrameType.Settings, FrameFlags.None, 0));
        foreach (var (id, value) in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)id);
            BinaryPrimitives.WriteInt32BigEndian(frame[2..], value);
            frame = frame[6..];
        }
    }

    /// <summary>DATA without payload that ends a stream; it needs no window.</summary>
    public void AppendEndOfStream(int streamId) => AppendHeader(new FrameHeader(0, FrameType.Data, FrameFlags.EndStream, streamId));

    /// <summary>Drops what waits and gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }

    private Span<byte> AppendHeader(in FrameHeader header)
    {
        var frame = Append(FrameHeader.Size + header.Length);
        header.Write(frame);
        return frame[FrameHeader.Size..];
    }

    private void EnsureRoom(int length)
    {
        if (_buffer is not null && _buffer.Length - _end >= length) return;
        var needed = Length + length;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstCapacity, needed + (needed / 2)));
        var waiting = Length;
        if (_buffer is not null)
        {
            _buffer.AsSpan(_start, waiting).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = (larger, 0, waiting);
    }
}
