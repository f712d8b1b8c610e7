using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Wire;

/// <summary>The whole way of a check through a router, which a plain memcached plays here.</summary>
[Collection(AloneCollection.Name)]
public sealed class RouterAllocationTests
{
    private const int Checks = 50_000;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task Checks_through_a_router_allocate_nothing(int callers)
    {
        await using var server = await MemcachedLinkTests.StartAsync();
        await using var proxy = new FaultyProxy([server.Address], 1, TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100), static options =>
        {
            options.Topology = MemcachedTopology.Router;
            options.HealthInterval = TimeSpan.FromMinutes(1);
        });
        await FaultWorld.UntilAsync("it serves", async () => await proxy.Store.SpendAsync(FaultWorld.NewToken(), CancellationToken.None) == SpendOutcome.Fresh);
        await CheckAsync(proxy.Store, callers);
        var least = long.MaxValue;
        for (var round = 0; round < 5 && least > Checks; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await CheckAsync(proxy.Store, callers);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // One object a check would be 1.2 MB.
        Assert.True(least < Checks, $"{least} bytes for {Checks} checks");
    }

    private static Task CheckAsync(ISpentTokenStore store, int callers) => Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
    {
        var (spent, fresh) = (FaultWorld.NewToken(), FaultWorld.NewToken());
        if (await store.SpendAsync(spent, CancellationToken.None) != SpendOutcome.Fresh) throw new InvalidOperationException("Not accepted.");
        for (var i = 0; i < Checks / callers / 2; i++)
        {
            if (await store.SpendAsync(spent, CancellationToken.None) != SpendOutcome.AlreadySpent) throw new InvalidOperationException("Not the outcome of this token.");
            if (await store.LookUpAsync(fresh, CancellationToken.None) != SpendOutcome.Fresh) throw new InvalidOperationException("Not the outcome of this token.");
        }
    }));
}
