using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

public sealed class ReplyParserTests
{
    public static TheoryData<int, string, int> Replies => new()
    {
        { (int)CommandKind.Get, "END\r\n", (int)MemcachedReply.Miss },
        { (int)CommandKind.Get, "VALUE pp:abc 0 1\r\n1\r\nEND\r\n", (int)MemcachedReply.Hit },
        { (int)CommandKind.Get, "VALUE pp:abc 4294967295 12\r\nEND\r\nEND\r\n\r\n\r\nEND\r\n", (int)MemcachedReply.Hit },
        { (int)CommandKind.Get, "VALUE pp:abc 0 0\r\n\r\nEND\r\n", (int)MemcachedReply.Hit },
        { (int)CommandKind.Get, "SERVER_ERROR out of memory\r\n", (int)MemcachedReply.Failed },
        { (int)CommandKind.Add, "STORED\r\n", (int)MemcachedReply.Stored },
        { (int)CommandKind.Add, "NOT_STORED\r\n", (int)MemcachedReply.NotStored },
        { (int)CommandKind.Add, "EXISTS\r\n", (int)MemcachedReply.NotStored },
        { (int)CommandKind.Add, "SERVER_ERROR out of memory storing object\r\n", (int)MemcachedReply.Failed },
        { (int)CommandKind.Add, "CLIENT_ERROR bad data chunk\r\n", (int)MemcachedReply.Failed },
        { (int)CommandKind.Add, "ERROR\r\n", (int)MemcachedReply.Failed },
        { (int)CommandKind.AddMarked, "STORED\r\nVALUE pp:abc 0 1\r\n1\r\nEND\r\n", (int)MemcachedReply.Stored },
        { (int)CommandKind.AddMarked, "STORED\r\nEND\r\n", (int)MemcachedReply.Stored },
        { (int)CommandKind.AddMarked, "STORED\r\nSERVER_ERROR backend failure\r\n", (int)MemcachedReply.Stored },
        { (int)CommandKind.AddMarked, "STORED\r\nERROR\r\n", (int)MemcachedReply.Stored },
        { (int)CommandKind.AddMarked, "NOT_STORED\r\nVALUE pp:abc 0 1\r\n1\r\nEND\r\n", (int)MemcachedReply.NotStored },
        { (int)CommandKind.AddMarked, "NOT_STORED\r\nEND\r\n", (int)MemcachedReply.NotStored },
        { (int)CommandKind.AddMarked, "SERVER_ERROR backend failure\r\nSERVER_ERROR backend failure\r\n", (int)MemcachedReply.Failed },
        { (int)CommandKind.AddMarked, "SERVER_ERROR out of memory storing object\r\nVALUE pp:abc 0 1\r\n1\r\nEND\r\n", (int)MemcachedReply.Failed },
        { (int)CommandKind.AddMarked, "CLIENT_ERROR bad data chunk\r\n", (int)MemcachedReply.Failed },
        { (int)CommandKind.Text, "VERSION 1.6.18\r\n", (int)MemcachedReply.Hit },
        { (int)CommandKind.Text, "STAT pid 1\r\nSTAT uptime 2\r\nEND\r\n", (int)MemcachedReply.Hit },
        { (int)CommandKind.Text, "VALUE pp:epoch 0 5\r\nEND\r\n\r\nEND\r\n", (int)MemcachedReply.Hit },
        { (int)CommandKind.Text, "END\r\n", (int)MemcachedReply.Miss },
        { (int)CommandKind.Text, "ERROR\r\n", (int)MemcachedReply.Failed },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public void A_reply_is_read_at_its_last_byte_and_not_before(int kind, string text, int expected)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var cut = 0; cut < bytes.Length; cut++)
            Assert.Equal(ReplyParse.Incomplete, ReplyParser.Read((CommandKind)kind, bytes.AsSpan(0, cut), out _));
        Assert.Equal(ReplyParse.Complete, ReplyParser.Read((CommandKind)kind, bytes, out var reply));
        Assert.Equal((MemcachedReply)expected, reply.Reply);
        Assert.Equal(bytes.Length, reply.Length);
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public void What_follows_a_reply_does_not_change_it(int kind, string text, int expected)
    {
        Assert.Equal(ReplyParse.Complete, ReplyParser.Read((CommandKind)kind, Encoding.ASCII.GetBytes(text + "\0garbage\r\nEND\r\n"), out var reply));
        Assert.Equal((MemcachedReply)expected, reply.Reply);
        Assert.Equal(text.Length, reply.Length);
    }

    [Theory]
    [InlineData((int)CommandKind.Get, "STORED\r\n")]
    [InlineData((int)CommandKind.Get, "\r\n")]
    [InlineData((int)CommandKind.Get, "END\n")]
    [InlineData((int)CommandKind.Get, "end\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 0\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 0 -1\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc x 1\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 4294967296 1\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 0 1 2\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 0 99999999999\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE  0 1\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 0 1\r\n1\r\nVALUE pp:def 0 1\r\n1\r\nEND\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 0 1\r\n123\r\nEND\r\n")]
    [InlineData((int)CommandKind.Get, "VALUE pp:abc 0 1\r\n1x")]
    [InlineData((int)CommandKind.Add, "END\r\n")]
    [InlineData((int)CommandKind.Add, "STORED \r\n")]
    [InlineData((int)CommandKind.Add, "HD\r\n")]
    [InlineData((int)CommandKind.AddMarked, "END\r\n")]
    [InlineData((int)CommandKind.AddMarked, "STORED\r\nSTORED\r\n")]
    [InlineData((int)CommandKind.AddMarked, "STORED\r\nVALUE pp:abc 0 1\r\n1x")]
    [InlineData((int)CommandKind.AddMarked, "NOT_STORED\r\nVERSION 1\r\n")]
    [InlineData((int)CommandKind.Text, "STAT pid 1\r\nSTORED\r\n")]
    [InlineData((int)CommandKind.Text, "\r\n")]
    public void What_no_server_answers_is_garbage(int kind, string text) =>
        Assert.Equal(ReplyParse.Garbage, ReplyParser.Read((CommandKind)kind, Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData((int)CommandKind.Get)]
    [InlineData((int)CommandKind.Add)]
    [InlineData((int)CommandKind.Text)]
    public void A_line_without_an_end_is_garbage_at_the_bound(int kind)
    {
        var line = new byte[ReplyParser.LongestLine];
        line.AsSpan().Fill((byte)'x');
        Assert.Equal(ReplyParse.Incomplete, ReplyParser.Read((CommandKind)kind, line.AsSpan(1), out _));
        Assert.Equal(ReplyParse.Garbage, ReplyParser.Read((CommandKind)kind, line, out _));
    }

    [Fact]
    public void Endless_statistics_are_garbage_at_the_bound()
    {
        var endless = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("STAT a 1\r\n", ReplyParser.LongestReply / 10 + 1)));
        Assert.Equal(ReplyParse.Garbage, ReplyParser.Read(CommandKind.Text, endless, out _));
    }

    [Theory]
    [InlineData("ERROR\r\n", true)]
    [InlineData("CLIENT_ERROR line too long\r\n", true)]
    [InlineData("SERVER_ERROR out of memory storing object\r\n", false)]
    public void Only_an_error_of_the_server_leaves_the_order_of_replies_certain(string text, bool losesOrder)
    {
        Assert.Equal(ReplyParse.Complete, ReplyParser.Read(CommandKind.Add, Encoding.ASCII.GetBytes(text), out var reply));
        Assert.Equal(losesOrder, reply.LosesOrder);
    }

    [Fact]
    public void Of_two_replies_the_second_is_told_with_what_the_marker_holds()
    {
        Assert.Equal(ReplyParse.Complete, ReplyParser.Read(CommandKind.AddMarked, "STORED\r\nVALUE pp:abc 0 5\r\nabc:1\r\nEND\r\n"u8, out var reply));
        Assert.Equal(MemcachedReply.Hit, reply.Marker);
        Assert.Equal("pp:abc"u8, reply.Key);
        Assert.Equal("abc:1"u8, reply.Value);
        Assert.Equal(ReplyParse.Complete, ReplyParser.Read(CommandKind.AddMarked, "STORED\r\nEND\r\n"u8, out reply));
        Assert.Equal(MemcachedReply.Miss, reply.Marker);
        Assert.Equal(ReplyParse.Complete, ReplyParser.Read(CommandKind.AddMarked, "STORED\r\nCLIENT_ERROR\r\n"u8, out reply));
        Assert.Equal(MemcachedReply.Failed, reply.Marker);
        Assert.True(reply.LosesOrder);
    }

    [Theory]
    [InlineData("abc:1", "STORED\r\nVALUE k 0 5\r\nabc:1\r\nEND\r\n", (int)MemcachedReply.Stored)]
    [InlineData("abc:2", "STORED\r\nVALUE k 0 5\r\nabc:1\r\nEND\r\n", (int)MemcachedReply.StoredAnew)]
    [InlineData("abc:", "STORED\r\nVALUE k 0 5\r\nabc:1\r\nEND\r\n", (int)MemcachedReply.StoredAnew)]
    [InlineData(null, "STORED\r\nVALUE k 0 0\r\n\r\nEND\r\n", (int)MemcachedReply.StoredAnew)]
    [InlineData("", "STORED\r\nEND\r\n", (int)MemcachedReply.StoredAnew)]
    [InlineData("abc:1", "STORED\r\nSERVER_ERROR\r\n", (int)MemcachedReply.StoredUnmarked)]
    [InlineData("abc:1", "NOT_STORED\r\nEND\r\n", (int)MemcachedReply.NotStored)]
    [InlineData("abc:1", "SERVER_ERROR\r\nVALUE k 0 5\r\nabc:1\r\nEND\r\n", (int)MemcachedReply.Failed)]
    public void Stored_counts_beside_the_very_marker_that_is_known(string? known, string text, int expected)
    {
        Assert.Equal(ReplyParse.Complete, ReplyParser.Read(CommandKind.AddMarked, Encoding.ASCII.GetBytes(text), out var reply));
        var check = new PendingCheck(new()) { Marker = known is null ? null : Encoding.ASCII.GetBytes(known) };
        Assert.Equal((MemcachedReply)expected, check.Judge(reply));
    }

    [Property]
    public Property Random_bytes_are_never_misread_and_a_reply_never_depends_on_where_it_was_cut()
    {
        // Pieces of real replies make the random texts reach deep into the parser.
        string[] pieces = ["END", "STORED", "STORED\r\n", "END\r\n", "NOT_", "VALUE ", "pp:a", " ", "0", "1", "\r\n", "\r", "\n", "STAT ", "ERROR", "SERVER_", "\0", "ÿ"];
        var texts = Gen.Elements(pieces).ListOf().Select(parts => Encoding.Latin1.GetBytes(string.Concat(parts)));
        return Prop.ForAll(texts.ToArbitrary(), Gen.Choose(0, 3).ToArbitrary(), (bytes, kind) =>
        {
            var whole = ReplyParser.Read((CommandKind)kind, bytes, out var reply);
            if (whole == ReplyParse.Complete && (reply.Length < 3 || reply.Length > bytes.Length)) return false;
            for (var cut = 0; cut < bytes.Length; cut++)
            {
                var part = ReplyParser.Read((CommandKind)kind, bytes.AsSpan(0, cut), out var early);
                // Once decided, more bytes change nothing.
                if (part == ReplyParse.Complete && (whole != part || early.Reply != reply.Reply || early.Length != reply.Length)) return false;
                if (part == ReplyParse.Garbage && whole != part) return false;
            }

            return true;
        });
    }
}
