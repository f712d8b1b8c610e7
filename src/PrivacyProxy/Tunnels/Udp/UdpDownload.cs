using System.Buffers;
using System.Net.Sockets;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>From the target to the client: all datagrams that wait in the socket go out in one write. Holds no buffer while nothing flows.</summary>
internal sealed class UdpDownload(TunnelClient client, UdpRace race, TunnelRegistry registry, TunnelTraffic traffic)
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
                _datagram ??= ArrayPool<byte>.Shared.Rent(UdpDatagram.MaxPayloadLength);
                if (!await ForwardWaitingAsync(target, _datagram)) return;
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
    private async ValueTask<bool> ForwardWaitingAsync(Socket target, byte[] datagram)
    {
        var batch = client.GetBuffer(BatchSize);
        var filled = 0;
        while (true)
        {
            var length = target.Receive(datagram, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) break;
            if (error != SocketError.Success)
            {
                if (!UdpErrors.LosesOneDatagram(error)) throw new SocketException((int)error);
                continue;
            }

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

    private int Write(ReadOnlySpan<byte> datagram, Span<byte> capsule)
    {
        var header = UdpDatagram.WriteHeader(capsule, datagram.Length);
        datagram.CopyTo(capsule[header..]);
        traffic.FromDestination(datagram.Length);
        Volatile.Write(ref _lastActive, registry.Now);
        return header + datagram.Length;
    }

    private void ReleaseBuffers()
    {
        client.ReleaseBuffer();
        if (_datagram is null) return;
        ArrayPool<byte>.Shared.Return(_datagram);
        _datagram = null;
    }
}
