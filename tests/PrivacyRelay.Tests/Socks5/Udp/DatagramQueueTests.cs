using PrivacyRelay.Socks5.Udp;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Socks5.Udp;

public sealed class DatagramQueueTests
{
    [Fact]
    public async Task Over_the_count_the_oldest_are_dropped()
    {
        var queue = new DatagramQueue(maxCount: 3, maxBytes: 1000);
        for (byte i = 0; i < 5; i++) queue.Enqueue([i]);
        Assert.Equal([[2], [3], [4]], await TakeAsync(queue, 3));
    }

    [Fact]
    public async Task Over_the_bytes_as_many_of_the_oldest_are_dropped_as_it_takes()
    {
        var queue = new DatagramQueue(maxCount: 10, maxBytes: 10);
        queue.Enqueue(new byte[4]);
        queue.Enqueue(new byte[4]);
        queue.Enqueue([1, 2]);
        queue.Enqueue(new byte[5]);
        Assert.Equal([[1, 2], new byte[5]], await TakeAsync(queue, 2));
    }

    [Fact]
    public async Task One_longer_than_all_may_be_is_kept_alone()
    {
        var queue = new DatagramQueue(maxCount: 10, maxBytes: 10);
        queue.Enqueue([1]);
        queue.Enqueue(new byte[11]);
        Assert.Equal([new byte[11]], await TakeAsync(queue, 1));
    }

    [Fact]
    public async Task What_comes_and_goes_leaves_the_whole_room()
    {
        var queue = new DatagramQueue(maxCount: 2, maxBytes: 10);
        for (byte i = 0; i < 20; i++)
        {
            queue.Enqueue([i, 0, 0, 0, 0]);
            queue.Enqueue([i, 1, 0, 0, 0]);
            Assert.Equal([[i, 0, 0, 0, 0], [i, 1, 0, 0, 0]], await TakeAsync(queue, 2));
        }
    }

    [Fact]
    public async Task Closed_it_keeps_nothing()
    {
        var queue = new DatagramQueue(maxCount: 3, maxBytes: 10);
        queue.Enqueue([1]);
        queue.Close();
        queue.Enqueue([2]);
        var tunnel = new FakeDatagramTunnel("");
        queue.MoveTo(tunnel);
        tunnel.Write([9]);
        await tunnel.FlushAsync(default);
        Assert.Equal([9], await tunnel.SentAsync());
    }

    /// <summary>What waits, which is this many and no more.</summary>
    private static async Task<List<byte[]>> TakeAsync(DatagramQueue queue, int count)
    {
        await queue.WaitAsync(default).AsTask().WaitAsync(TestRelay.Patience);
        var tunnel = new FakeDatagramTunnel("");
        queue.MoveTo(tunnel);
        tunnel.Write("end"u8);
        await tunnel.FlushAsync(default);
        var taken = new List<byte[]>();
        for (var i = 0; i < count; i++) taken.Add(await tunnel.SentAsync());
        Assert.Equal("end"u8.ToArray(), await tunnel.SentAsync());
        return taken;
    }
}
