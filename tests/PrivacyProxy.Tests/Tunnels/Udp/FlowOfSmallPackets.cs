using System.Collections.Concurrent;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Tests.Tunnels.Udp;

/// <summary>Takes datagrams up to a size, the byte of their context included.</summary>
internal sealed class FlowOfSmallPackets(int longest) : DatagramFlow
{
    private readonly byte[] _room = new byte[2048];

    public ConcurrentQueue<int> Sent { get; } = new();

    public int Lost { get; private set; }

    public override bool CanSend => true;

    public override int MaxBatch => 64;

    public override Span<byte> GetSpan() => _room;

    public override bool TryAdd(int length)
    {
        if (length > longest) return false;
        Assert.Equal(UdpTunnelTests.Payload(length - 1), _room[1..length]);
        Sent.Enqueue(length - 1);
        return true;
    }

    public override void Lose() => Lost++;

    public override void Flush()
    {
    }

    public override void Open(DatagramReceiver receiver)
    {
    }

    public override void Refuse()
    {
    }
}
