using System.Buffers;
using System.Net.Sockets;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>From the target to the client: all datagrams that wait in the socket go out in one write. Holds no buffer while nothing flows.</summary>
/// <remarks>Where the client takes datagrams beside its stream each goes in one of those: a lost one holds up no other.</remarks>
internal sealed class UdpDownload(TunnelClient client, UdpRace race, TunnelRegistry registry, TunnelTraffic traffic, DatagramFlow? flow = null)
{
    /// <summary>A datagram of any size fits behind its header; dozens of the usual size.</summary>
    private const int BatchSize = 64 * 1024 + UdpDatagram.MaxHeaderLength;

    private byte[]? _datagram;
    private long _lastActive = registry.Now;

    /// <summary>When a datagram last came, in the registry's time.</summary>
    public long LastActive => Volatile.Read(ref _lastActive);

    /// <summary>Runs until the client is gone; throws when the socket is closed.</summary>
    public async Task RunAsync()
    {
        try
        {
            var target = race.Winner ?? await race.SettledAsync();
            while (true)
            {
                await WaitAsync(target);
                if (!await ForwardWaitingAsync(target)) return;
                ReleaseBuffers();
            }
        }
        finally
        {
            ReleaseBuffers();
        }
    }

    /// <summary>Peeks: a zero-byte read would throw a datagram away.</summary>
    private static async ValueTask WaitAsync(Socket target)
    {
        try
        {
            await target.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek);
        }
        catch (SocketException e) when (UdpErrors.LosesOneDatagram(e.SocketErrorCode))
        {
            // An error about an earlier datagram; or a peek that did not have room for it.
        }
    }

    /// <summary>False: the client is gone.</summary>
    private ValueTask<bool> ForwardWaitingAsync(Socket target) => flow is { CanSend: true } ? ForwardAsync(target, flow) : ForwardInCapsulesAsync(target);

    private async ValueTask<bool> ForwardAsync(Socket target, DatagramFlow beside)
    {
        // Nothing here waits for a client, and others want the thread too.
        while (ForwardBatch(target, beside)) await Task.Yield();
        return true;
    }

    /// <summary>Sends what waits in the socket together, from where it was received to; true when more may wait.</summary>
    private bool ForwardBatch(Socket target, DatagramFlow beside)
    {
        try
        {
            for (var count = 0; count < beside.MaxBatch; count++)
            {
                var room = beside.GetSpan();
                // Context 0 (RFC 9298, section 4).
                room[0] = 0;
                if (!TryReceive(target, room[1..], out var length)) return false;
                Note(length);
                beside.Add(1 + length);
            }

            return true;
        }
        finally
        {
            beside.Flush();
        }
    }

    private async ValueTask<bool> ForwardInCapsulesAsync(Socket target)
    {
        var datagram = _datagram ??= ArrayPool<byte>.Shared.Rent(UdpDatagram.MaxPayloadLength);
        var batch = client.GetBuffer(BatchSize);
        var filled = 0;
        while (TryReceive(target, datagram, out var length))
        {
            if (length + UdpDatagram.MaxHeaderLength > batch.Length - filled)
            {
                if (!await client.SendAsync(filled)) return false;
                batch = client.GetBuffer(BatchSize);
                filled = 0;
            }

            filled += Write(datagram.AsSpan(0, length), batch.Span[filled..]);
        }

        return filled == 0 || await client.SendAsync(filled);
    }

    /// <summary>False when none waits in the socket.</summary>
    private static bool TryReceive(Socket target, Span<byte> datagram, out int length)
    {
        while (true)
        {
            length = target.Receive(datagram, SocketFlags.None, out var error);
            if (error == SocketError.Success) return true;
            if (error == SocketError.WouldBlock) return false;
            if (!UdpErrors.LosesOneDatagram(error)) throw new SocketException((int)error);
        }
    }

    private int Write(ReadOnlySpan<byte> datagram, Span<byte> capsule)
    {
        var header = UdpDatagram.WriteHeader(capsule, datagram.Length);
        datagram.CopyTo(capsule[header..]);
        Note(datagram.Length);
        return header + datagram.Length;
    }

    private void Note(int length)
    {
        traffic.FromDestination(length);
        Volatile.Write(ref _lastActive, registry.Now);
    }

    private void ReleaseBuffers()
    {
        client.ReleaseBuffer();
        if (_datagram is null) return;
        ArrayPool<byte>.Shared.Return(_datagram);
        _datagram = null;
    }
}
