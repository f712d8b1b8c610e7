using System.Buffers;
using System.Net.Sockets;
using Masque.Udp;
using Tunneling.Native;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>From the target to the client: all datagrams that wait in the socket go out in one write. Holds no buffer while nothing flows.</summary>
/// <remarks>Where the client takes datagrams beside its stream each goes in one of those: a lost one holds up no other.</remarks>
internal sealed class UdpDownload(TunnelClient client, UdpRace race, TunnelRegistry registry, TunnelTraffic traffic, DatagramFlow? flow = null)
{
    /// <summary>A datagram of any size fits behind its header; dozens of the usual size.</summary>
    private const int BatchSize = 64 * 1024 + UdpDatagram.MaxHeaderLength;

    /// <summary>What QUIC begins with (RFC 9000, section 14), bytes.</summary>
    private const int LeastPayload = 1200;

    private const int MaxCapsule = UdpDatagram.MaxHeaderLength + LeastPayload;

    /// <summary>About as many as come between two turns of a busy tunnel.</summary>
    private const int ReceivedAtOnce = 8;

    /// <summary>Filled and emptied by one tunnel before another comes to this thread.</summary>
    [ThreadStatic]
    private static ReceivedDatagrams? _received;

    private byte[]? _datagram;
    private int _inCapsules;
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
                if (!await ForwardWaitingAsync(target)) return;
                ReleaseBuffers();
                await WaitAsync(target);
            }
        }
        finally
        {
            ReleaseBuffers();
        }
    }

    private static async ValueTask WaitAsync(UdpTarget target)
    {
        try
        {
            await target.WaitAsync();
        }
        catch (SocketException e) when (UdpErrors.LosesOneDatagram(e.SocketErrorCode))
        {
            // An error about an earlier datagram; or a peek that did not have room for it.
        }
    }

    /// <summary>False: the client is gone.</summary>
    private ValueTask<bool> ForwardWaitingAsync(UdpTarget target) => flow is { CanSend: true } ? ForwardAsync(target, flow) : ForwardInCapsulesAsync(target);

    private async ValueTask<bool> ForwardAsync(UdpTarget target, DatagramFlow beside)
    {
        while (true)
        {
            var mayBeMore = ForwardBatch(target, beside);
            if (_inCapsules > 0 && !await client.SendAsync(_inCapsules)) return false;
            _inCapsules = 0;
            if (!mayBeMore) return true;
            // Others want the thread too.
            await Task.Yield();
        }
    }

    /// <summary>Sends what waits in the socket together, from where it was received to; true when more may wait.</summary>
    private bool ForwardBatch(UdpTarget target, DatagramFlow beside)
    {
        try
        {
            for (var count = 0; count < beside.MaxBatch && _inCapsules < BatchSize - (ReceivedAtOnce * MaxCapsule);)
            {
                var most = Math.Min(ReceivedAtOnce, beside.MaxBatch - count);
                var received = Receive(target, beside, most);
                for (var i = 0; i < received; i++) Forward(beside, _received!.Length(i));
                if (received < most) return false;
                count += received;
            }

            return true;
        }
        finally
        {
            beside.Flush();
        }
    }

    private static int Receive(UdpTarget target, DatagramFlow beside, int most)
    {
        var datagrams = _received ??= new ReceivedDatagrams();
        for (var i = 0; i < most; i++)
        {
            var room = beside.GetSpan(i);
            // Context 0 (RFC 9298, section 4).
            room[0] = 0;
            datagrams.SetRoom(i, room[1..]);
        }

        return target.Receive(datagrams, most);
    }

    private void Forward(DatagramFlow beside, int length)
    {
        Note(length);
        if (!beside.TryAdd(1 + length)) beside.Skip(isLost: !TryPutInCapsule(beside.GetSpan(0).Slice(1, length)));
    }

    /// <summary>
    /// Every path has to carry what QUIC begins with, and below which nobody looks for what a path takes (RFC 8899): on the stream, where packets to the
    /// client have no room for it, or libmsquic does not know yet that they have.
    /// </summary>
    private bool TryPutInCapsule(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > LeastPayload) return false;
        var batch = client.GetBuffer(BatchSize).Span[_inCapsules..];
        _inCapsules += Write(datagram, batch);
        return true;
    }

    private async ValueTask<bool> ForwardInCapsulesAsync(UdpTarget target)
    {
        var datagram = _datagram ??= ArrayPool<byte>.Shared.Rent(UdpDatagram.MaxPayloadLength);
        var batch = client.GetBuffer(BatchSize);
        var filled = 0;
        while (target.TryReceive(datagram, out var length))
        {
            if (length + UdpDatagram.MaxHeaderLength > batch.Length - filled)
            {
                if (!await client.SendAsync(filled)) return false;
                // Others want the thread too.
                await Task.Yield();
                batch = client.GetBuffer(BatchSize);
                filled = 0;
            }

            Note(length);
            filled += Write(datagram.AsSpan(0, length), batch.Span[filled..]);
        }

        return filled == 0 || await client.SendAsync(filled);
    }

    private static int Write(ReadOnlySpan<byte> datagram, Span<byte> capsule)
    {
        var header = UdpDatagram.WriteHeader(capsule, datagram.Length);
        datagram.CopyTo(capsule[header..]);
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
