using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>From a client's capsules to the target. A datagram is sent where it lies; other capsules and contexts are skipped as they arrive.</summary>
internal sealed class UdpUpload(PipeReader input, Socket target, TunnelRegistry registry, TunnelTraffic traffic)
{
    private UdpDatagramReader _datagrams;
    private byte[]? _joined;
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
                    var step = _datagrams.Read(ref buffer, out var payload);
                    if (step == UdpDatagramStep.Malformed) return TunnelEnding.Malformed;
                    if (step == UdpDatagramStep.NeedMore) break;
                    if (step == UdpDatagramStep.Payload) await SendAsync(payload);
                }

                var isTruncated = _datagrams.IsInCapsule || !buffer.IsEmpty;
                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted) return isTruncated ? TunnelEnding.Malformed : TunnelEnding.Finished;
            }
        }
        finally
        {
            if (_joined is not null) ArrayPool<byte>.Shared.Return(_joined);
        }
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
