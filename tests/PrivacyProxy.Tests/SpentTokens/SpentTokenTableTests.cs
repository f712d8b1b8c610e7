using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memory;

namespace PrivacyProxy.Tests.SpentTokens;

public sealed class SpentTokenTableTests
{
    private const ulong SeedA = 0x9E3779B97F4A7C15, SeedB = 0xD1B54A32D192ED03;

    [Property]
    public Property It_answers_like_a_set_whatever_is_added() =>
        Prop.ForAll<byte[]>(draws =>
        {
            var table = new SpentTokenTable(SeedA, SeedB);
            var model = new HashSet<SpentTokenKey>();
            foreach (var draw in draws.Concat(draws))
            {
                var key = TestTokens.Key(draw);
                var hash = key.SeededHash(SeedA, SeedB);
                if (table.Contains(key, hash) != model.Contains(key) || Add(table, key, hash) != model.Add(key)) return false;
            }
            return table.Count == model.Count;
        });

    [Fact]
    public void Keys_that_hash_alike_are_told_apart()
    {
        const ulong hash = ulong.MaxValue;
        var table = new SpentTokenTable(SeedA, SeedB);
        for (var i = 0; i < 20; i++) Assert.True(Add(table, TestTokens.Key(i), hash));
        for (var i = 0; i < 20; i++) Assert.False(Add(table, TestTokens.Key(i), hash));
        Assert.False(table.Contains(TestTokens.Key(20), hash));
    }

    [Fact]
    public void A_large_table_holds_every_key_in_at_most_80_bytes_each()
    {
        const int count = 100_000;
        var table = new SpentTokenTable(SeedA, SeedB);
        for (var i = 0; i < count; i++)
        {
            var key = TestTokens.Key(i);
            Assert.True(Add(table, key, key.SeededHash(SeedA, SeedB)));
            if (i > 1000) Assert.True(table.Bytes <= 80L * table.Count, $"{table.Bytes} bytes for {table.Count} keys");
        }
        for (var i = 0; i < count; i++) Assert.True(table.Contains(TestTokens.Key(i), TestTokens.Key(i).SeededHash(SeedA, SeedB)));
        Assert.False(table.Contains(TestTokens.Key(count), TestTokens.Key(count).SeededHash(SeedA, SeedB)));
    }

    /// <summary>False when the key was there already.</summary>
    private static bool Add(SpentTokenTable table, in SpentTokenKey key, ulong hash)
    {
        var slot = table.Find(key, hash);
        if (table.Holds(slot)) return false;
        table.Insert(slot, key, hash);
        return true;
    }
}
