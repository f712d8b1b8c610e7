using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass.AspNetCore.Attestation.Quotas;

namespace PrivacyPass.AspNetCore.Tests;

public sealed class TokenQuotasTests : IDisposable
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private string QuotaFile => Path.Combine(_directory.Path, "quotas.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_used_of_a_quota_is_kept_over_a_restart_and_ends_with_its_window()
    {
        using (var before = Open())
        {
            Assert.Null(before.Take(Holder("a", 3), 2));
            _time.Advance(TimeSpan.FromMinutes(20));
        }

        using var after = Open();
        Assert.Equal(TimeSpan.FromMinutes(40), after.Take(Holder("a", 3), 2));
        Assert.Null(after.Take(Holder("a", 3), 1));
        Assert.Null(after.Take(Holder("b", 3), 3));
        _time.Advance(TimeSpan.FromMinutes(40));
        Assert.Null(after.Take(Holder("a", 3), 3));
    }

    [Fact]
    public void Two_processes_on_one_file_count_together()
    {
        using var first = Open();
        using var second = Open();

        Assert.Null(first.Take(Holder("a", 2), 1));
        Assert.Null(second.Take(Holder("a", 2), 1));
        Assert.NotNull(first.Take(Holder("a", 2), 1));
        Assert.NotNull(second.Take(Holder("a", 2), 1));
    }

    [Fact]
    public void All_of_a_batch_is_taken_or_nothing_and_what_is_given_back_can_be_taken_again()
    {
        using var quotas = Open();

        Assert.Equal(_hour, quotas.Take(Holder("a", 10), 11));
        Assert.Null(quotas.Take(Holder("a", 10), 10));
        quotas.GiveBack(Holder("a", 10), 4);
        Assert.NotNull(quotas.Take(Holder("a", 10), 5));
        Assert.Null(quotas.Take(Holder("a", 10), 4));
    }

    [Fact]
    public async Task Many_at_once_get_exactly_the_quota()
    {
        using var quotas = Open();
        var taken = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => quotas.Take(Holder("a", 57), 1) is null)));
        Assert.Equal(57, taken.Count(static each => each));
    }

    [Fact]
    public void A_clock_that_was_ahead_when_it_counted_locks_nobody_out_for_longer_than_a_window()
    {
        var wrong = new FakeTimeProvider(_time.GetUtcNow().AddDays(1000));
        using (var before = new TokenQuotas(QuotaFile, wrong)) Assert.Null(before.Take(Holder("a", 1), 1));

        using var after = Open();
        Assert.Equal(_hour, after.Take(Holder("a", 1), 1));
        _time.Advance(_hour);
        Assert.Null(after.Take(Holder("a", 1), 1));
    }

    [Fact]
    public void The_file_says_neither_who_asked_nor_anything_of_windows_that_are_over()
    {
        using (var quotas = Open())
        {
            quotas.Take(Holder("alice@idp.example", 1), 1);
            _time.Advance(TimeSpan.FromHours(2));
            quotas.Take(Holder("bob@idp.example", 1), 1);
        }

        using (var connection = new SqliteConnection($"Data Source={QuotaFile};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM quota";
            Assert.Equal(1L, command.ExecuteScalar());
        }

        var bytes = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(QuotaFile));
        Assert.DoesNotContain("alice", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("bob", bytes, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(QuotaFile));
    }

    [Fact]
    public void A_file_of_another_program_is_refused_and_left_as_it_is()
    {
        File.WriteAllText(QuotaFile, "a letter, and no database: it is longer than a header of SQLite's would be, which has a hundred bytes and then some");
        var error = Assert.Throws<InvalidDataException>(Open);
        Assert.Contains(QuotaFile, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("a letter", File.ReadAllText(QuotaFile), StringComparison.Ordinal);
    }

    private static TokenHolder Holder(string identity, int tokens) => new("oidc", identity, tokens, _hour);

    private TokenQuotas Open() => new(QuotaFile, _time);
}
