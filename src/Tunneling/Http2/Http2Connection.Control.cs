using System.Buffers.Binary;
using Tunneling.Http2.Frames;

namespace Tunneling.Http2;

/// <summary>Frames about the connection, and those about streams that carry nothing.</summary>
internal sealed partial class Http2Connection
{
    private void TakeSettings(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
        {
            Fail(Http2ErrorCode.ProtocolError);
        }
        else if (payload.Length % 6 != 0 || (header.Has(FrameFlags.Ack) && payload.Length > 0))
        {
            Fail(Http2ErrorCode.FrameSizeError);
        }
        else if (header.Has(FrameFlags.Ack))
        {
            _isAcknowledged = true;
            Spend(AbuseBudget.Frame);
        }
        else
        {
            var windowBefore = _peer.InitialWindowSize;
            var error = _peer.Read(payload);
            if (error == Http2ErrorCode.NoError) error = MoveSendWindows((long)_peer.InitialWindowSize - windowBefore);
            if (error != Http2ErrorCode.NoError)
            {
                Fail(error);
                return;
            }

            _hasSettings = true;
            if (_peer.HasLoweredTable) _owesTableUpdate |= !_hasSentTableUpdate;
            _control.AppendSettingsAck();
            Spend(AbuseBudget.Settings + (_streams.Count / 16));
            CheckQueue();
        }
    }

    private void TakePing(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
        {
            Fail(Http2ErrorCode.ProtocolError);
        }
        else if (payload.Length != 8)
        {
            Fail(Http2ErrorCode.FrameSizeError);
        }
        else if (!header.Has(FrameFlags.Ack))
        {
            _control.AppendPing(payload, isAck: true);
            Spend(AbuseBudget.Ping);
            CheckQueue();
        }
        else if (_drain == DrainState.Announced && BinaryPrimitives.ReadUInt64BigEndian(payload) == DrainPing)
        {
            // Whatever was under way when the first GOAWAY arrived has arrived here.
            FinishDrain();
        }
        else
        {
            Spend(AbuseBudget.Frame);
        }
    }

    private void TakeGoAway(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
        {
            Fail(Http2ErrorCode.ProtocolError);
        }
        else if (payload.Length < 8)
        {
            Fail(Http2ErrorCode.FrameSizeError);
        }
        else
        {
            Spend(AbuseBudget.Settings);
            if (!HasFailed) _events.OnGoAway((Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]));
        }
    }

    private void TakePriority(in FrameHeader header)
    {
        if (header.StreamId == 0)
        {
            Fail(Http2ErrorCode.ProtocolError);
        }
        else if (header.Length == 5)
        {
            Spend(AbuseBudget.Frame);
        }
        else if (_streams.TryGet(header.StreamId, out var stream))
        {
            FailStream(stream, Http2ErrorCode.FrameSizeError);
        }
        else
        {
            Fail(Http2ErrorCode.FrameSizeError);
        }
    }

    private void TakeReset(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4)
        {
            Fail(Http2ErrorCode.FrameSizeError);
        }
        else if (_streams.IsIdle(header.StreamId))
        {
            Fail(Http2ErrorCode.ProtocolError);
        }
        else if (_streams.TryGet(header.StreamId, out var stream))
        {
            // Rapid Reset (CVE-2023-44487): work was begun and will not be waited for.
            if (!stream.IsAnswered) Spend(AbuseBudget.Request);
            if (HasFailed) return;
            Close(stream);
            ReleaseHeld(stream);
            _events.OnReset(stream, (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload), byPeer: true);
        }
        else
        {
            Spend(AbuseBudget.Frame);
        }
    }

    private void TakeWindowUpdate(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4)
        {
            Fail(Http2ErrorCode.FrameSizeError);
            return;
        }

        Spend(AbuseBudget.Frame);
        if (HasFailed) return;
        var increment = (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue);
        if (header.StreamId == 0)
        {
            if (increment == 0) Fail(Http2ErrorCode.ProtocolError);
            else if (!TryOpenWindow(increment)) Fail(Http2ErrorCode.FlowControlError);
        }
        else if (_streams.IsIdle(header.StreamId))
        {
            Fail(Http2ErrorCode.ProtocolError);
        }
        else if (_streams.TryGet(header.StreamId, out var stream))
        {
            if (increment == 0) FailStream(stream, Http2ErrorCode.ProtocolError);
            else if (!TryOpenWindow(stream, increment)) FailStream(stream, Http2ErrorCode.FlowControlError);
        }
    }
}
