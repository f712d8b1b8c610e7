using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Masque;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>From a client's capsules to the target. A datagram is sent where it lies; other capsules and contexts are skipped as they arrive.</summary>
internal sealed class UdpUpload(PipeReader input, Socket target, TunnelRegistry registry, TunnelTraffic traffic)
{
    private CapsuleReader _capsules;
    private byte[]? _joined;
    private bool _isSkipping;
    private long _lastActive = registry.Now;

    /// <summary>When a datagram was last sent, in the registry's time.</summary>
    public long LastActive => Volatile.Read(ref _lastActive);

    /// <summary>Runs until the client ends the stream, breaks its rules, or the tunnel has ended.</summary>
    public async Task<TunnelEnding> RunAsync(Func<bool> hasEnded)
    {
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                if (result.IsCanceled && hasEnded()) return TunnelEnding.Finished;
                var buffer = result.Buffer;
                while (true)
                {
                    var step = Take(ref buffer, out var payload);
                    if (step == UdpUploadStep.Malformed) return TunnelEnding.Malformed;
                    if (step == UdpUploadStep.NeedMore) break;
                    if (step == UdpUploadStep.Payload) await SendAsync(payload);
                }

                var isTruncated = _capsules.IsInCapsule || !buffer.IsEmpty;
                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted) return isTruncated ? TunnelEnding.Malformed : TunnelEnding.Finished;
            }
        }
        finally
        {
            if (_joined is not null) ArrayPool<byte>.Shared.Return(_joined);
        }
    }

    private UdpUploadStep Take(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!_capsules.IsInCapsule && !_capsules.TryReadHeader(ref buffer)) return UdpUploadStep.NeedMore;
        if (_capsules.Type != CapsuleType.Datagram || _isSkipping) return Skip(ref buffer);
        if (_capsules.Remaining > UdpDatagram.MaxLength) return TakeOversized(ref buffer);
        if (!_capsules.TryTakeWholeValue(ref buffer, out var datagram)) return UdpUploadStep.NeedMore;
        return UdpDatagram.Read(datagram, out payload) switch
        {
            UdpDatagramKind.Payload => UdpUploadStep.Payload,
            UdpDatagramKind.UnknownContext => UdpUploadStep.Skipped,
            _ => UdpUploadStep.Malformed,
        };
    }

    /// <summary>Never waited for: of an unknown context it may be of any length, of context 0 it breaks the rules.</summary>
    private UdpUploadStep TakeOversized(ref ReadOnlySequence<byte> buffer)
    {
        var start = buffer;
        if (!VarInt.TryRead(ref start, out var contextId)) return UdpUploadStep.NeedMore;
        if (contextId == 0) return UdpUploadStep.Malformed;
        _isSkipping = true;
        return Skip(ref buffer);
    }

    private UdpUploadStep Skip(ref ReadOnlySequence<byte> buffer)
    {
        _capsules.TakeValue(ref buffer);
        _isSkipping &= _capsules.IsInCapsule;
        return _capsules.IsInCapsule ? UdpUploadStep.NeedMore : UdpUploadStep.Skipped;
    }

    private ValueTask SendAsync(ReadOnlySequence<byte> payload)
    {
        Volatile.Write(ref _lastActive, registry.Now);
        traffic.Received((int)payload.Length);
        var bytes = payload.IsSingleSegment ? payload.First : Join(payload);
        target.Send(bytes.Span, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return WaitAndSendAsync(bytes);
        if (error != SocketError.Success && !UdpErrors.LosesOneDatagram(error)) throw new SocketException((int)error);
        return ValueTask.CompletedTask;
    }

    /// <summary>A full send buffer holds the client back.</summary>
    private async ValueTask WaitAndSendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await target.SendAsync(bytes, SocketFlags.None);
        }
        catch (SocketException e) when (UdpErrors.LosesOneDatagram(e.SocketErrorCode))
        {
            // As a network loses one.
        }
    }

    private ReadOnlyMemory<byte> Join(ReadOnlySequence<byte> payload)
    {
        _joined ??= ArrayPool<byte>.Shared.Rent(UdpDatagram.MaxPayloadLength);
        payload.CopyTo(_joined);
        return _joined.AsMemory(0, (int)payload.Length);
    }
}
