using System.Net;
using System.Net.Sockets;
using Tunneling.Native;

namespace Tunneling.Tests.Native;

public sealed class ReceivedDatagramsTests : IDisposable
{
    private const int Room = 2000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
    private readonly Socket _peer = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _rooms = GC.AllocateArray<byte>(ReceivedDatagrams.MaxCount * Room, pinned: true);
    private readonly ReceivedDatagrams _received = new();

    public ReceivedDatagramsTests()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _peer.Connect(_socket.LocalEndPoint!);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void Datagrams_come_whole_in_order_and_each_in_its_room()
    {
        int[] lengths = [0, 1, 1200, Room - 1, Room, Room + 1, 60_000, 7];
        foreach (var length in lengths) _peer.Send(Payload(length));
        foreach (var chunk in lengths.Chunk(3))
        {
            Assert.Equal(chunk.Length, Receive(3, out var error));
            Assert.Equal(0, error);
            for (var i = 0; i < chunk.Length; i++)
            {
                // What is longer than its room fills it.
                Assert.Equal(Math.Min(chunk[i], Room), _received.Length(i));
                Assert.Equal(Payload(chunk[i]).Take(Room), _rooms.AsSpan(i * Room, _received.Length(i)).ToArray());
            }
        }

        Assert.Equal(0, Receive(3, out var none));
        Assert.Equal(Errno.WouldBlock, none);
    }

    [Fact]
    public void As_many_come_at_once_as_have_room()
    {
        for (var i = 0; i < 40; i++) _peer.Send([(byte)i]);
        Assert.Equal(ReceivedDatagrams.MaxCount, Receive(ReceivedDatagrams.MaxCount, out _));
        Assert.Equal(1, Receive(1, out _));
        Assert.Equal(ReceivedDatagrams.MaxCount, _rooms[0]);
    }

    [Fact]
    public void An_error_about_an_earlier_datagram_is_told_by_its_number()
    {
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Connect(nobody.LocalEndPoint!);
        nobody.Close();
        socket.Send([1]);
        SetRooms(1);
        Assert.Equal(0, _received.Receive(socket.SafeHandle, 1, out var error));
        Assert.Equal(Errno.Refused, error);
    }

    [Fact]
    public void A_closed_socket_is_refused()
    {
        var handle = _socket.SafeHandle;
        _socket.Dispose();
        SetRooms(1);
        Assert.Throws<ObjectDisposedException>(() => _received.Receive(handle, 1, out _));
    }

    private int Receive(int count, out int error)
    {
        SetRooms(count);
        return _received.Receive(_socket.SafeHandle, count, out error);
    }

    private void SetRooms(int count)
    {
        for (var i = 0; i < count; i++) _received.SetRoom(i, _rooms.AsSpan(i * Room, Room));
    }

    private static byte[] Payload(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i + length))];
}
