using System.Security.Authentication;
using Tunneling.Tests.Tls;

namespace Tunneling.Tests.SslStreams;

/// <summary>All that is allocated is counted, so nothing else may run.</summary>
[Collection(nameof(Footprint))]
public sealed class WaitingReadTests
{
    private const int Reads = 2000;

    [Fact]
    public async Task Reads_that_wait_for_the_peer_allocate_nothing()
    {
        var (client, server) = await HalfClosingSslStreamTests.ConnectAsync(SslProtocols.Tls13);
        await using var _ = client;
        await using var __ = server;
        var (buffer, one) = (new byte[10], new byte[1]);
        var least = long.MaxValue;
        for (var round = 0; round < 6; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Reads; i++)
            {
                var reading = client.ReadAsync(buffer);
                await server.WriteAsync(one);
                if (await reading != 1) throw new IOException("Not the byte that was sent.");
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // An object for each read would be 24 bytes at least.
        Assert.InRange(least, 0, 12L * Reads);
    }
}
