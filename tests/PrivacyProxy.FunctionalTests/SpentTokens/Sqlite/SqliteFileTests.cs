using Microsoft.Data.Sqlite;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Sqlite;

public sealed class SqliteFileTests : IDisposable
{
    private readonly SqliteSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    private void Refused(string reason)
    {
        var message = Assert.Throws<SpentTokenFileException>(() => _setup.Open()).Message;
        Assert.StartsWith($"\"{_setup.File}\" cannot be used: expected a file of spent tokens", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public async Task A_file_in_use_is_refused_and_free_again_once_its_store_is_closed()
    {
        await using (_setup.Open()) Refused("another process has locked it");
        await using var store = _setup.Open();
        Assert.True(store.IsReady);
    }

    [Fact]
    public async Task A_proxy_with_the_file_of_another_ends_with_code_1_and_one_line_that_names_the_key()
    {
        await using var store = _setup.Open();
        var result = await ChildProcess.RunProductAsync(
            ["serve", "--psk", "k", "--urls", "http://127.0.0.1:0", "--management", "none", "--store", "Sqlite", "--sqlite", _setup.File],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__SpentTokens__Sqlite__BusyTimeout"] = "00:00:00.1" });
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"--sqlite is \"{_setup.File}\"", result.Errors, StringComparison.Ordinal);
        Assert.Contains("another process has locked it", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_was()
    {
        var text = string.Concat(Enumerable.Repeat("Dear diary. ", 1000));
        File.WriteAllText(_setup.File, text);
        Refused("it is not a SQLite database");
        Assert.Equal(text, File.ReadAllText(_setup.File));
    }

    [Fact]
    public void The_database_of_another_program_is_refused_and_left_as_it_was()
    {
        Execute("CREATE TABLE recipes (name TEXT); PRAGMA application_id=7");
        var before = File.ReadAllBytes(_setup.File);
        Refused("another program (application_id 7)");
        Assert.Equal(before, File.ReadAllBytes(_setup.File));
    }

    [Fact]
    public async Task A_file_of_another_schema_version_is_refused()
    {
        await _setup.Open().DisposeAsync();
        Execute("PRAGMA user_version=2");
        Refused("a newer version of this program has written it: its schema version is 2, this program's 1");
        Execute("PRAGMA user_version=0");
        Refused("its schema version is 0, this program's 1");
    }

    [Fact]
    public async Task A_file_with_a_broken_page_is_refused()
    {
        await using (var store = _setup.Open())
            await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => store.SpendAsync(TestTokens.Token(i, _setup.Later), default).AsTask()));
        using (var file = File.OpenWrite(_setup.File))
        {
            file.Position = file.Length / 2;
            file.Write(new byte[8192]);
        }
        Refused("it is corrupt");
    }

    [Fact]
    public async Task A_file_that_lost_a_table_is_refused()
    {
        await _setup.Open().DisposeAsync();
        Execute("DROP TABLE spent");
        Refused("its tables are not those expected");
    }

    [Theory]
    [InlineData("/proc/spent.db")]
    [InlineData("/nowhere/at/all/spent.db")]
    [InlineData("/")]
    public void A_file_that_cannot_be_made_is_refused(string file)
    {
        _setup.Options.File = file;
        Refused("missing or not accessible");
    }

    [SkippableFact]
    public async Task A_file_that_may_only_be_read_is_refused()
    {
        Skip.If(Environment.IsPrivilegedProcess, "Everything is writable to root.");
        await _setup.Open().DisposeAsync();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_setup.File, UnixFileMode.UserRead);
        Refused("not writable");
    }

    [Theory]
    [InlineData(":memory:")]
    [InlineData("file:spent.db?mode=memory")]
    public async Task The_names_SQLite_gives_a_meaning_are_files_like_any_other(string name)
    {
        _setup.Options.File = _setup.PathOf(name);
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, _setup.Options.File);
        await using (var store = SqliteSpentTokenStore.Open(new SqliteSpentTokenOptions { File = relative }, _setup.Time, _setup.Log))
            Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(1, _setup.Later), default));
        Assert.True(File.Exists(_setup.Options.File));
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_setup.File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
