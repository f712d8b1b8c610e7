using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.Tests.SpentTokens.Sqlite;

/// <summary>What the file of a store is told by.</summary>
public sealed class FileMarkTests
{
    private readonly FileMark _mark = new();

    [Fact]
    public void Before_there_is_one_every_file_may_be_the_one()
    {
        _mark.Found(null);
        Assert.True(_mark.IsOf(static _ => false));
    }

    [Fact]
    public void The_last_one_that_was_written_counts_alone()
    {
        var first = new byte[FileMark.Size];
        _mark.Found(first);
        var second = _mark.Begin();
        _mark.Done();
        Assert.True(IsOf(second));
        Assert.False(IsOf(first));
    }

    /// <summary>A write that failed may stand in the file all the same, and a later one may fail too.</summary>
    [Fact]
    public void While_it_is_not_known_whether_one_was_written_it_counts_and_so_does_the_one_before()
    {
        var first = new byte[FileMark.Size];
        _mark.Found(first);
        var second = _mark.Begin();
        Assert.True(IsOf(first));
        Assert.True(IsOf(second));
        Assert.False(IsOf([1]));
    }

    [Fact]
    public void One_that_was_found_written_is_known_when_the_next_write_fails_too()
    {
        _mark.Found(new byte[FileMark.Size]);
        var second = _mark.Begin();
        Assert.True(IsOf(second));
        var third = _mark.Begin();
        Assert.True(IsOf(second));
        Assert.True(IsOf(third));
    }

    private bool IsOf(byte[] inTheFile) => _mark.IsOf(mark => mark.AsSpan().SequenceEqual(inTheFile));
}
