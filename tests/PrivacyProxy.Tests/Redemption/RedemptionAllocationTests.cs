using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.Tests.Telemetry.Tracing;

namespace PrivacyProxy.Tests.Redemption;

public sealed class RedemptionAllocationTests
{
    private const int Count = 40;

    // Of type 2 only: the arithmetic of a type 1 signature check allocates 3.8 kB for its native numbers.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_redemption_with_the_memory_store_allocates_nothing_traced_or_not(bool isTraced)
    {
        using var traces = TestTraces.Create(TimeProvider.System, slow: TimeSpan.FromMinutes(1));
        await using var world = new RedemptionWorld();
        var headers = Enumerable.Range(0, 6 * Count).Select(_ => RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa))).ToArray();
        var exchange = isTraced ? new TestExchange(TimeProvider.System) : null;
        await Task.Run(() =>
        {
            var rounds = 0;
            Assert.Equal(0, AllocatedBytes.Least(() => RedeemTwice(world, headers.AsSpan(rounds++ * Count, Count), traces, exchange)));
        });
    }

    /// <summary>Once accepted, once refused.</summary>
    private static void RedeemTwice(RedemptionWorld world, ReadOnlySpan<string> headers, TunnelTraces traces, TestExchange? exchange)
    {
        foreach (var expected in (ReadOnlySpan<RedemptionResult>)[RedemptionResult.Accepted, RedemptionResult.AlreadySpent])
            foreach (var header in headers)
            {
                var trace = exchange is null ? null : traces.Start(exchange);
                var redemption = world.RedeemAsync(header, trace: trace);
                if (!redemption.IsCompletedSuccessfully || redemption.Result != expected) throw new InvalidOperationException($"not {expected}");
                trace?.Answer(200, ProxyStatusError.None);
            }
    }
}
