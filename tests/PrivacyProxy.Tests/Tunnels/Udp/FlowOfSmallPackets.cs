using System.Collections.Concurrent;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Tests.Tunnels.Udp;

/// <summary>Takes datagrams up to a size, the byte of their context included.</summary>
internal sealed class FlowOfSmallPackets(int longest) : DatagramFlow
{
    private const int Room = 2048;

    private readonly byte[] _rooms = GC.AllocateArray<byte>(64 * Room, pinned: true);
    private int _next;

    public ConcurrentQueue<int> Sent { get; } = new();

    public int Lost { get; private set; }

    public override bool CanSend => true;

    public override int MaxBatch => 64;

    public override Span<byte> GetSpan(int ahead) => _rooms.AsSpan((_next + ahead) * Room, Room);

    public override bool TryAdd(int length)
    {
        if (length > longest) return false;
        Assert.Equal(UdpTunnelTests.Payload(length - 1), GetSpan(0)[1..length].ToArray());
        Sent.Enqueue(length - 1);
        _next++;
        return true;
    }

    public override void Skip(bool isLost)
    {
        _next++;
        if (isLost) Lost++;
    }

    public override void Flush() => _next = 0;

    public override void Open(DatagramReceiver receiver)
    {
    }

    public override void Refuse()
    {
    }
}
