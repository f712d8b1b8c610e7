using System.Buffers;

namespace Masque.Udp;

/// <summary>Takes UDP payloads out of a connect-udp stream where they lie; other capsules and contexts are skipped as they arrive.</summary>
public struct UdpDatagramReader
{
    private CapsuleReader _capsules;
    private bool _isSkipping;

    /// <summary>Whether a capsule has begun that has not ended. A stream that ends then is malformed.</summary>
    public readonly bool IsInCapsule => _capsules.IsInCapsule;

    /// <summary>Takes the next step off the front; a payload is a part of the buffer.</summary>
    public UdpDatagramStep Read(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!_capsules.IsInCapsule && !_capsules.TryReadHeader(ref buffer)) return UdpDatagramStep.NeedMore;
        if (_capsules.Type != CapsuleType.Datagram || _isSkipping) return Skip(ref buffer);
        if (_capsules.Remaining > UdpDatagram.MaxLength) return TakeOversized(ref buffer);
        if (!_capsules.TryTakeWholeValue(ref buffer, out var datagram)) return UdpDatagramStep.NeedMore;
        return UdpDatagram.Read(datagram, out payload) switch
        {
            UdpDatagramKind.Payload => UdpDatagramStep.Payload,
            UdpDatagramKind.UnknownContext => UdpDatagramStep.Skipped,
            _ => UdpDatagramStep.Malformed,
        };
    }

    /// <summary>Never waited for: of an unknown context it may be of any length, of context 0 it breaks the rules.</summary>
    private UdpDatagramStep TakeOversized(ref ReadOnlySequence<byte> buffer)
    {
        var start = buffer;
        if (!VarInt.TryRead(ref start, out var contextId)) return UdpDatagramStep.NeedMore;
        if (contextId == 0) return UdpDatagramStep.Malformed;
        _isSkipping = true;
        return Skip(ref buffer);
    }

    private UdpDatagramStep Skip(ref ReadOnlySequence<byte> buffer)
    {
        _capsules.TakeValue(ref buffer);
        _isSkipping &= _capsules.IsInCapsule;
        return _capsules.IsInCapsule ? UdpDatagramStep.NeedMore : UdpDatagramStep.Skipped;
    }
}
