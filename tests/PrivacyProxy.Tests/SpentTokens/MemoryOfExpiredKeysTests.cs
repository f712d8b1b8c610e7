using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memory;

namespace PrivacyProxy.Tests.SpentTokens;

[Collection(AloneCollection.Name)]
public sealed class MemoryOfExpiredKeysTests
{
    private readonly FakeTimeProvider _time = TestTokens.Clock();

    private long Later => _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();

    [Fact]
    public async Task An_expired_key_leaves_no_more_than_its_id_behind()
    {
        const int keys = 200;
        await using var store = new MemorySpentTokenStore(10_000, _time);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var issuer = 0; issuer < keys; issuer++) await store.SpendAsync(TestTokens.Token(0, Later, issuer), default);
        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        _time.Advance(TimeSpan.FromHours(2));
        store.Sweep();
        var left = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(left < used - (keys * 100_000L), $"{used} bytes before the sweep, {left} after");
        for (var issuer = 0; issuer < keys; issuer++)
            Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, Later, issuer), default));
    }
}
