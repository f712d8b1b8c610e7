using FsCheck;
using FsCheck.Xunit;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Tests.Tunnels.Udp;

public sealed class UdpRunTests
{
    [Property(MaxTest = 300)]
    public void Segments_are_all_datagrams_in_order_as_the_kernel_cuts_them_apart(byte[] choices, PositiveInt repeated)
    {
        // Few sizes, so that many are alike.
        int[] sizes = [0, 1, 2, 2, 3, 1200];
        var datagrams = choices.SelectMany(choice => Enumerable.Repeat(choice, repeated.Get)).Take(800).Select((choice, i) => Enumerable.Repeat((byte)i, sizes[choice % sizes.Length]).ToArray()).ToArray();
        var run = new UdpRun();
        foreach (var datagram in datagrams) Assert.True(run.TryAdd(datagram));
        var cut = new List<byte[]>();
        while (cut.Count < run.Count)
        {
            var bytes = run.Segments(cut.Count, out var size, out var count);
            Assert.True(count == 1 || (count <= 64 && bytes.Length <= 65_507));
            if (count == 1) Assert.Equal(size, bytes.Length);
            var pieces = Enumerable.Range(0, count).Select(i => bytes.Slice(i * size, Math.Min(size, bytes.Length - (i * size))).ToArray()).ToArray();
            Assert.True(count == 1 || pieces[^1].Length > 0);
            cut.AddRange(pieces);
        }

        Assert.Equal(datagrams, cut);
    }

    [Fact]
    public void Datagrams_of_one_size_and_a_shorter_one_behind_them_go_together()
    {
        var run = new UdpRun();
        foreach (var size in (int[])[1200, 1200, 1200, 40, 1200]) run.TryAdd(new byte[size]);
        Assert.Equal(3640, run.Segments(0, out var first, out var count).Length);
        Assert.Equal((1200, 4), (first, count));
        Assert.Equal(1200, run.Segments(4, out _, out count).Length);
        Assert.Equal(1, count);
    }
}
