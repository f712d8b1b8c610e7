using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Wire;

[Collection(AloneCollection.Name)]
public sealed class MemcachedLinkAllocationTests
{
    private const int Checks = 100_000;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task A_hundred_thousand_checks_allocate_nothing(int callers)
    {
        await using var server = await MemcachedLinkTests.StartAsync();
        await using var link = await MemcachedLinkTests.ConnectAsync(server);
        await CheckAsync(link, callers);
        var least = long.MaxValue;
        for (var round = 0; round < 5 && least > Checks; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await CheckAsync(link, callers);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // The callers themselves are some tens of kilobytes; one object a check would be 2.4 MB.
        Assert.True(least < Checks, $"{least} bytes for {Checks} checks");
    }

    private static Task CheckAsync(MemcachedLink link, int callers) => Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
    {
        var key = TestKeys.Next();
        for (var i = 0; i < Checks / callers; i++)
        {
            if (await link.GetAsync(key) != MemcachedReply.Miss) throw new InvalidOperationException("Not the reply to this command.");
        }
    }));
}
