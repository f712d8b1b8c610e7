using PrivacyProxy.LoadTests.Durability;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Sqlite;

public sealed class SqliteKillTests : IDisposable
{
    private readonly SqliteSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_token_accepted_by_a_killed_process_is_forgotten_or_accepted_again(int seed)
    {
        var settings = new DurabilitySettings(_setup.File, Tokens: 20_000, Callers: 64, Kills: 4, seed);
        var proof = await DurabilityProof.RunAsync(settings, new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
        Assert.True(proof.Holds, proof.ToString());
        // It was killed in the midst of it, not after its end.
        Assert.Equal(settings.Kills, proof.Kills);
    }
}
