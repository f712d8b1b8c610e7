using System.Text;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Storage;

namespace TransparencyLog.Tests.Storage;

public sealed class StoredLogTests
{
    [Fact]
    public void A_log_that_is_opened_again_is_the_same_and_goes_on()
    {
        using var test = new TestLog(entries: 5);
        var head = test.Log.Head.ToString();
        test.Reopen();
        Assert.Equal(head, test.Log.Head.ToString());
        Assert.True(test.Log.Append(Trees.Entry(5)));
        Assert.Equal(Trees.Of(6).Root, Checkpoint.Parse(test.Log.Head.Text)!.Root);
    }

    [Fact]
    public void An_entry_that_is_the_last_one_already_is_not_appended_again_but_one_from_before_is()
    {
        using var test = new TestLog(entries: 2);
        Assert.False(test.Log.Append(Trees.Entry(1)));
        Assert.True(test.Log.Append(Trees.Entry(0)));
        Assert.Equal(2, test.Log.Prove(MerkleHash.OfLeaf(Trees.Entry(0)))!.Index);
    }

    [Fact]
    public void Of_several_subjects_in_turn_each_is_appended_when_it_changes()
    {
        using var test = new TestLog();
        Assert.True(Append("a 1"));
        Assert.True(Append("b 1"));
        Assert.False(Append("a 1"));
        Assert.True(Append("a 2"));
        Assert.False(Append("b 1"));
        Assert.True(Append("a 1"));

        bool Append(string entry) => test.Log.Append(Encoding.UTF8.GetBytes(entry), static (entry, earlier) => entry[0] == earlier[0]);
    }

    /// <summary>Cut at every byte: a crash may leave any part of an entry that no checkpoint counts.</summary>
    [Fact]
    public void What_a_crash_left_of_an_entry_is_dropped_and_what_was_sealed_stays()
    {
        using var test = new TestLog(entries: 3);
        var head = test.Log.Head.ToString();
        var file = Path.Combine(test.Folder, "entries");
        var whole = File.ReadAllBytes(file);
        test.Log.Append(Trees.Entry(3));
        var longer = File.ReadAllBytes(file);
        for (var left = whole.Length; left <= longer.Length; left++)
        {
            test.Log.Dispose();
            File.WriteAllBytes(file, longer[..left]);
            File.WriteAllText(Path.Combine(test.Folder, "checkpoint"), head);
            test.Reopen();
            Assert.Equal(head, test.Log.Head.ToString());
            Assert.True(test.Log.Append(Trees.Entry(7)));
            test.Reopen();
            Assert.Equal([.. Enumerable.Range(0, 3).Select(index => Trees.Entry(index)), Trees.Entry(7)], test.Log.ReadEntries(0));
        }
    }

    [Fact]
    public void A_log_that_lost_sealed_entries_or_has_others_in_their_place_does_not_open()
    {
        using var test = new TestLog(entries: 3);
        test.Log.Dispose();
        var file = Path.Combine(test.Folder, "entries");
        var whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..^1]);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => StoredLog.Open(test.Folder, test.Signer, test.Time)).Message, StringComparison.Ordinal);
        whole[^1] ^= 1;
        File.WriteAllBytes(file, whole);
        Assert.Throws<InvalidDataException>(() => StoredLog.Open(test.Folder, test.Signer, test.Time));
    }

    [Fact]
    public void A_log_does_not_open_with_another_key()
    {
        using var test = new TestLog(entries: 1);
        using var other = NoteSigner.Generate("log.example", NoteKeyKind.Note);
        Assert.Throws<InvalidDataException>(() => StoredLog.Open(test.Folder, other, test.Time));
    }

    [Fact]
    public void Two_processes_write_one_log_and_each_sees_what_the_other_wrote()
    {
        using var test = new TestLog();
        using var other = StoredLog.Open(test.Folder, test.Signer, test.Time);
        for (var index = 0; index < 10; index++) Assert.True((index % 3 == 0 ? test.Log : other).Append(Trees.Entry(index)));
        Assert.False(test.Log.Append(Trees.Entry(9)));
        Assert.Equal(Trees.Of(10).Root, Checkpoint.Parse(test.Log.Head.Text)!.Root);
        Assert.Equal(test.Log.Head.ToString(), other.Head.ToString());
        Assert.NotNull(other.Prove(MerkleHash.OfLeaf(Trees.Entry(0))));
    }

    [Fact]
    public void Readers_see_what_was_published_and_never_less_again()
    {
        using var test = new TestLog(entries: 2);
        var first = test.Log.Head;
        test.Log.Publish(first, []);
        test.Log.Append(Trees.Entry(2));
        Assert.Equal(first.ToString(), test.Log.Published.ToString());
        Assert.Null(test.Log.Prove(MerkleHash.OfLeaf(Trees.Entry(2))));
        test.Log.Publish(test.Log.Head, []);
        test.Log.Publish(first, []);
        Assert.NotNull(test.Log.Prove(MerkleHash.OfLeaf(Trees.Entry(2))));
    }

    [Fact]
    public void An_entry_that_is_too_large_is_refused_and_changes_nothing()
    {
        using var test = new TestLog(entries: 1);
        var head = test.Log.Head.ToString();
        Assert.Throws<ArgumentException>(() => test.Log.Append(new byte[EntryStore.LargestEntry + 1]));
        Assert.Throws<ArgumentException>(() => test.Log.Append(default));
        Assert.Equal(head, test.Log.Head.ToString());
        Assert.True(test.Log.Append(new byte[EntryStore.LargestEntry]));
    }
}
