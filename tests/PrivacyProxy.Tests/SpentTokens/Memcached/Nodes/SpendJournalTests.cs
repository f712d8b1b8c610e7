using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

public sealed class SpendJournalTests
{
    private readonly FakeTimeProvider _time = TestTokens.Clock();

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private static List<SpendJournal.Entry> ReadAll(SpendJournal journal, long from)
    {
        var all = new List<SpendJournal.Entry>();
        var chunk = new SpendJournal.Entry[7];
        for (int count; (count = journal.Read(ref from, chunk)) > 0;) all.AddRange(chunk[..count]);
        return all;
    }

    [Fact]
    public void It_gives_back_what_was_written_from_any_number_on()
    {
        var journal = new SpendJournal(100, _time);
        for (var i = 0; i < 50; i++) Assert.Equal(i, journal.Append(TestTokens.Key(i), Now + i + 1));
        for (var from = 0; from <= 50; from++)
        {
            var read = ReadAll(journal, from);
            Assert.Equal(Enumerable.Range(from, 50 - from).Select(TestTokens.Key), read.Select(static entry => entry.Key));
            Assert.Equal(Enumerable.Range(from, 50 - from).Select(i => Now + i + 1), read.Select(static entry => entry.Exptime));
        }
    }

    [Fact]
    public void At_its_capacity_the_oldest_goes_and_is_counted()
    {
        var journal = new SpendJournal(10, _time);
        for (var i = 0; i < 25; i++) journal.Append(TestTokens.Key(i), 0);
        Assert.Equal((10, 15), (journal.Count, journal.Overwritten));
        Assert.Equal(Enumerable.Range(15, 10).Select(TestTokens.Key), ReadAll(journal, 0).Select(static entry => entry.Key));
    }

    [Fact]
    public void Expired_entries_are_not_given_and_make_room_uncounted()
    {
        var journal = new SpendJournal(10, _time);
        for (var i = 0; i < 10; i++) journal.Append(TestTokens.Key(i), i < 6 ? Now + 10 : 0);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(4, ReadAll(journal, 0).Count);
        for (var i = 10; i < 13; i++) journal.Append(TestTokens.Key(i), 0);
        Assert.Equal(0, journal.Overwritten);
        journal.Trim();
        Assert.Equal(7, journal.Count);
    }
}
