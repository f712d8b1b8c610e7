using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memory;
using PrivacyPass.SpentTokens.Sqlite;
using PrivacyProxy.Testing.Clocks;

namespace PrivacyProxy.Tests.SpentTokens;

/// <summary>The wall clock jumps; the monotonic one does not.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private static readonly TimeSpan _jump = TimeSpan.FromDays(100);

    private readonly JumpingTime _clock = new();
    private readonly SteadyTimeProvider _time;
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-").FullName;

    public ClockJumpTests() => _time = new SteadyTimeProvider(_clock);

    private static long InThirtyDays => JumpingTime.Start.AddDays(30).ToUnixTimeSeconds();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    public void A_jump_is_named_and_not_believed_and_forgotten_when_the_clock_is_back(int days)
    {
        _clock.Set(TimeSpan.FromDays(days));
        Assert.Equal(JumpingTime.Start, _time.GetUtcNow());
        Assert.Equal(days, _time.Jump!.Value.TotalDays, 3);
        Assert.Equal(JumpingTime.Start.AddDays(Math.Max(days, 0)), _time.Latest);
        _clock.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(JumpingTime.Start.AddSeconds(3), _time.GetUtcNow());
        _clock.Set(TimeSpan.FromDays(-days));
        Assert.Equal(JumpingTime.Start.AddSeconds(3), _time.GetUtcNow());
        Assert.Null(_time.Jump);
    }

    [Fact]
    public void A_clock_that_stands_by_its_jump_is_believed_and_one_that_jumps_on_is_not()
    {
        _clock.Set(_jump);
        _ = _time.GetUtcNow();
        for (var minute = 0; minute < 9; minute++)
        {
            _clock.Pass(TimeSpan.FromMinutes(1));
            Assert.Equal(JumpingTime.Start.AddMinutes(minute + 1), _time.GetUtcNow());
        }
        _clock.Set(_jump);
        _ = _time.GetUtcNow();
        _clock.Pass(TimeSpan.FromMinutes(9));
        Assert.Equal(JumpingTime.Start.AddMinutes(18), _time.GetUtcNow());
        _clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(_clock.GetUtcNow(), _time.GetUtcNow());
        Assert.Null(_time.Jump);
    }

    [Fact]
    public void Drift_is_followed()
    {
        for (var hour = 0; hour < 100; hour++)
        {
            _clock.Pass(TimeSpan.FromHours(1));
            _clock.Set(TimeSpan.FromSeconds(1));
            Assert.Equal(_clock.GetUtcNow(), _time.GetUtcNow());
        }
    }

    [Fact]
    public async Task Memory_keeps_the_tokens_of_a_living_key_and_takes_new_ones_through_a_jump()
    {
        await using var store = new MemorySpentTokenStore(100_000, _time);
        await ProveAsync(store, store.Sweep);
    }

    [Fact]
    public async Task Sqlite_keeps_the_tokens_of_a_living_key_and_takes_new_ones_through_a_jump()
    {
        await using var store = SqliteSpentTokenStore.Open(new SqliteSpentTokenOptions { File = Path.Combine(_folder, "spent.db"), Deadline = TimeSpan.FromMinutes(1) }, _time, NullLogger.Instance);
        // Its upkeep comes with the spends, a second apart by a clock of its own: some spends beyond that.
        await ProveAsync(store, () =>
        {
            var until = Environment.TickCount64 + 1_500;
            for (var number = 1_000; Environment.TickCount64 < until; number++) _ = store.SpendAsync(TestTokens.Token(number, InThirtyDays), CancellationToken.None).AsTask().Result;
        });
    }

    private async Task ProveAsync(ISpentTokenStore store, Action keepUp)
    {
        Assert.Equal(SpendOutcome.Fresh, await SpendAsync(store, 1));
        _clock.Set(_jump);
        keepUp();
        Assert.Equal(SpendOutcome.AlreadySpent, await SpendAsync(store, 1));
        Assert.Equal(SpendOutcome.Fresh, await SpendAsync(store, 2));
        _clock.Pass(TimeSpan.FromSeconds(3));
        _clock.Set(-_jump);
        keepUp();
        Assert.Equal(SpendOutcome.AlreadySpent, await SpendAsync(store, 1));
        Assert.Equal(SpendOutcome.AlreadySpent, await SpendAsync(store, 2));
        Assert.Equal(SpendOutcome.Fresh, await SpendAsync(store, 3));
    }

    private static ValueTask<SpendOutcome> SpendAsync(ISpentTokenStore store, int number) => store.SpendAsync(TestTokens.Token(number, InThirtyDays), CancellationToken.None);
}
