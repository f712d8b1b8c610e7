using PrivacyProxy.Redemption;

namespace PrivacyProxy.Tests.Redemption;

public sealed class RedemptionAllocationTests
{
    private const int Count = 40;

    // Of type 2 only: the arithmetic of a type 1 signature check allocates 3.8 kB for its native numbers.
    [Fact]
    public async Task A_redemption_with_the_memory_store_allocates_nothing()
    {
        await using var world = new RedemptionWorld();
        var headers = Enumerable.Range(0, 2 * Count).Select(_ => RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa))).ToArray();
        await Task.Run(() =>
        {
            RedeemTwice(world, headers.AsSpan(0, Count));
            var before = GC.GetAllocatedBytesForCurrentThread();
            RedeemTwice(world, headers.AsSpan(Count));
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    /// <summary>Once accepted, once refused.</summary>
    private static void RedeemTwice(RedemptionWorld world, ReadOnlySpan<string> headers)
    {
        foreach (var expected in (ReadOnlySpan<RedemptionResult>)[RedemptionResult.Accepted, RedemptionResult.AlreadySpent])
            foreach (var header in headers)
            {
                var redemption = world.RedeemAsync(header);
                if (!redemption.IsCompletedSuccessfully || redemption.Result != expected) throw new InvalidOperationException($"not {expected}");
            }
    }
}
