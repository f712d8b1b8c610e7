using System.Text;
using PrivacyProxy.Forwarding;

namespace PrivacyProxy.Tests.Forwarding;

public sealed class ChunkedEndTests
{
    private const string Head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData("")]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("5\r\n0\r\n\r\n\r\n")] // content that looks like the end
    [InlineData("A\r\n0\r\n\r\n0\r\n\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n")]
    [InlineData("1a\r\nabcdefghijklmnopqrstuvwxyz\r\n1\r\n\n\r\n")]
    public void The_place_for_trailers_is_behind_the_line_of_the_last_chunk_however_it_is_written(string chunks)
    {
        var (before, after) = (Head + chunks + "0\r\n", "\r\n");
        var bytes = Encoding.ASCII.GetBytes(before + after);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var end = new ChunkedEnd();
            end.Begin();
            var (first, second) = (end.Find(bytes.AsSpan(0, cut)), end.Find(bytes.AsSpan(cut)));
            Assert.Equal(before.Length, first >= 0 ? first : second + cut);
            Assert.True(first < 0 || second < 0);
        }

        var single = new ChunkedEnd();
        single.Begin();
        Assert.Equal([before.Length - 1], Enumerable.Range(0, bytes.Length).Where(i => single.Find(bytes.AsSpan(i, 1)) >= 0));
    }
}
