using System.Diagnostics;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Sqlite;

public sealed class SqliteFaultTests : IDisposable
{
    private readonly SqliteSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [Fact]
    public async Task A_full_file_refuses_and_says_so_once_and_recovers_when_expired_tokens_are_deleted()
    {
        _setup.Options.MaximumSize = 1 << 20;
        var (expires, live) = (_setup.Later, _setup.Later + 86_400);
        await using var store = _setup.Open();
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(0, live, issuer: 1), default));
        var spent = await FillAsync(store, expires);
        Assert.False(store.IsReady);
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, live, issuer: 1), default));

        _setup.Time.Advance(TimeSpan.FromHours(2));
        await SqliteSetup.UntilAsync(() => Task.FromResult(store.IsReady));
        Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(TestTokens.Token(0, live, issuer: 1), default));
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(1, live, issuer: 1), default));
        // Nothing of what was accepted is fresh again.
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(spent - 1, expires), default));
        Assert.Collection(_setup.Log.Lines,
            line => Assert.Contains("cannot be written", line, StringComparison.Ordinal),
            line => Assert.Contains("can be written", line, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_full_disk_refuses_and_recovers_by_itself_and_forgets_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs root, to mount a small file system.");
        var disk = Directory.CreateDirectory(_setup.PathOf("disk")).FullName;
        Skip.IfNot(Run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk), "Mounting is not allowed here.");
        try
        {
            _setup.Options.File = Path.Combine(disk, "spent.db");
            _setup.Options.WalSize = 1 << 16;
            var ballast = Path.Combine(disk, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[1 << 20]);
            await using (var store = _setup.Open())
            {
                var spent = await FillAsync(store, _setup.Later);
                File.Delete(ballast);
                await SqliteSetup.UntilAsync(() => Task.FromResult(store.IsReady));
                for (var i = 0; i < spent; i += 50) Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(TestTokens.Token(i, _setup.Later), default));
                Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(-1, _setup.Later), default));
            }
            Assert.Contains("is full", _setup.Log.Lines[0], StringComparison.Ordinal);
        }
        finally
        {
            Run("umount", "-l", disk);
        }
    }

    [Fact]
    public async Task A_file_that_vanishes_is_not_replaced_by_an_empty_one_and_is_taken_again_when_it_is_back()
    {
        var token = TestTokens.Token(1, _setup.Later);
        await using var store = _setup.Open();
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(token, default));
        File.Move(_setup.File, _setup.PathOf("elsewhere"));
        await SqliteSetup.UntilAsync(() => Task.FromResult(!store.IsReady));
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(token, default));
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.False(File.Exists(_setup.File));

        File.Move(_setup.PathOf("elsewhere"), _setup.File);
        await SqliteSetup.UntilAsync(() => Task.FromResult(store.IsReady));
        Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(token, default));
        Assert.Equal(2, _setup.Log.Lines.Count);
    }

    /// <summary>
    /// The log beside it has the tokens accepted last, so that the copy seems to be whole, and may lack what a page had that the log has not: nearly
    /// all pages, or after a copying that nothing was written behind those of the last spends.
    /// </summary>
    [Theory]
    [InlineData(1 << 20, 15_000)]
    [InlineData(1 << 16, 4_000)]
    public async Task An_older_copy_is_told_though_the_log_beside_it_has_what_was_spent_last(long walSize, int count)
    {
        _setup.Options.WalSize = walSize;
        await using (var earlier = _setup.Open()) await SpendAllAsync(earlier, 0);
        File.Copy(_setup.File, _setup.PathOf("copy"));
        await using var store = _setup.Open();
        for (var first = 1000; first < 1000 + count; first += 1000) await SpendAllAsync(store, first);
        File.Move(_setup.File, _setup.PathOf("elsewhere"));
        await SqliteSetup.UntilAsync(() => Task.FromResult(!store.IsReady));
        File.Move(_setup.PathOf("copy"), _setup.File);
        await SqliteSetup.UntilAsync(() => Task.FromResult(_setup.Log.Lines.Count == 2));
        Assert.Contains("not the file that was open", _setup.Log.Lines[1], StringComparison.Ordinal);

        File.Move(_setup.PathOf("elsewhere"), _setup.File, overwrite: true);
        await SqliteSetup.UntilAsync(() => Task.FromResult(store.IsReady));
        for (var token = 0; token < 1000 + count; token += 97)
            Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(TestTokens.Token(token, _setup.Later), default));
    }

    /// <summary>A test write may mark the file and find no room to be copied into it: however full the disk is, the file is known again.</summary>
    [SkippableFact]
    public async Task A_file_is_known_again_however_little_room_there_was_to_write_to_it()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs root, to mount a small file system.");
        var disk = Directory.CreateDirectory(_setup.PathOf("disk")).FullName;
        Skip.IfNot(Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk), "Mounting is not allowed here.");
        try
        {
            _setup.Options.File = Path.Combine(disk, "spent.db");
            var ballast = Path.Combine(disk, "ballast");
            var database = new SpentTokenDatabase(_setup.Options);
            database.Probe();
            var failed = 0;
            for (var room = 0; room <= 256 * 1024; room += 4096)
            {
                await using (var stream = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
                {
                    Fill(stream);
                    stream.SetLength(stream.Length - room);
                }

                var mark = database.Mark;
                var isWritten = Record.Exception(database.Probe) is null;
                // Not deleted: its room would be taken while a process that another test begins has it open, for a moment.
                await File.WriteAllBytesAsync(ballast, []);
                if (isWritten) continue;
                failed++;
                database.Dispose();
                database = new SpentTokenDatabase(_setup.Options, mark);
                Assert.True(database.IsMarked);
            }

            database.Dispose();
            Assert.InRange(failed, 10, 64);
            // Tries that fail leave nothing that adds up.
            Assert.InRange(new FileInfo(_setup.Options.File).Length, 1, 256 * 1024);
        }
        finally
        {
            Run("umount", "-l", disk);
        }
    }

    [Fact]
    public async Task An_older_copy_is_not_taken_for_the_file_that_vanished()
    {
        // A spend of 1000 tokens fills the log, so that it is copied into the file and begun anew.
        _setup.Options.WalSize = 1 << 16;
        await using (var earlier = _setup.Open()) await SpendAllAsync(earlier, 0);
        File.Copy(_setup.File, _setup.PathOf("copy"));
        await using var store = _setup.Open();
        await SpendAllAsync(store, 1000);
        var (before, last) = (TestTokens.Token(1999, _setup.Later), TestTokens.Token(2000, _setup.Later));
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(last, default));
        File.Move(_setup.File, _setup.PathOf("elsewhere"));
        await SqliteSetup.UntilAsync(() => Task.FromResult(!store.IsReady));

        // Beside it lies the log still, with the last token. Moved: while it is copied the store may see half of it, and says something else.
        File.Move(_setup.PathOf("copy"), _setup.File);
        await SqliteSetup.UntilAsync(() => Task.FromResult(_setup.Log.Lines.Count == 2));
        Assert.Contains("not the file that was open", _setup.Log.Lines[1], StringComparison.Ordinal);
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(before, default));

        File.Move(_setup.PathOf("elsewhere"), _setup.File, overwrite: true);
        await SqliteSetup.UntilAsync(() => Task.FromResult(store.IsReady));
        Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(before, default));
        Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(last, default));
    }

    [Fact]
    public async Task A_caller_waits_for_a_stalled_disk_no_longer_than_the_deadline_and_its_token_is_spent_later()
    {
        using var stall = new StallingTime();
        _setup.Options.Deadline = TimeSpan.FromMilliseconds(50);
        _ = _setup.File;
        var token = TestTokens.Token(1, DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds());
        var other = TestTokens.Token(2, token.Expires);
        await using var store = SqliteSpentTokenStore.Open(_setup.Options, stall, _setup.Log);
        // On a busy machine the writer may take longer than the deadline to come up.
        await SqliteSetup.UntilAsync(async () => await store.LookUpAsync(token, default) == SpendOutcome.Fresh);

        stall.Stalled.Reset();
        // One that the writer has taken, and those that wait behind it.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => store.SpendAsync(token, default).AsTask())).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.All(outcomes, outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(other, default));

        stall.Stalled.Set();
        await SqliteSetup.UntilAsync(async () => await store.LookUpAsync(other, default) == SpendOutcome.AlreadySpent);
        await SqliteSetup.UntilAsync(async () => await store.SpendAsync(token, default) == SpendOutcome.AlreadySpent);
        Assert.Empty(_setup.Log.Lines);
    }

    private async Task SpendAllAsync(SqliteSpentTokenStore store, int first) =>
        Assert.All(
            await Task.WhenAll(Enumerable.Range(first, 1000).Select(number => store.SpendAsync(TestTokens.Token(number, _setup.Later), default).AsTask())),
            outcome => Assert.Equal(SpendOutcome.Fresh, outcome));

    /// <summary>Spends until the store cannot; how many it accepted.</summary>
    private async Task<int> FillAsync(SqliteSpentTokenStore store, long expires)
    {
        for (var i = 0; i < 1_000_000; i += 100)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(i, 100).Select(number => store.SpendAsync(TestTokens.Token(number, expires), default).AsTask()));
            Assert.DoesNotContain(SpendOutcome.AlreadySpent, outcomes);
            if (outcomes.Contains(SpendOutcome.Unavailable)) return i + outcomes.TakeWhile(outcome => outcome == SpendOutcome.Fresh).Count();
        }
        throw new InvalidOperationException("It never became full.");
    }

    /// <summary>Takes all the room that is left on its disk.</summary>
    private static void Fill(FileStream stream)
    {
        for (var page = new byte[4096]; Record.Exception(() => stream.Write(page)) is null;)
        {
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>A clock that does not answer while it is stalled, and holds up the writer so.</summary>
    private sealed class StallingTime : TimeProvider, IDisposable
    {
        public ManualResetEventSlim Stalled { get; } = new(initialState: true);

        public override DateTimeOffset GetUtcNow()
        {
            Stalled.Wait(TimeSpan.FromMinutes(1));
            return base.GetUtcNow();
        }

        public void Dispose() => Stalled.Dispose();
    }
}
