using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tunneling.Http1;

namespace Tunneling.Tests.Http1;

public sealed class HeadScannerTests
{
    private const int MaxLength = 200;

    [Theory]
    [InlineData("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nearly", "Connect", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")]
    [InlineData("\r\nCONNECT a:1 HTTP/1.1\r\n\r\n", "Connect", "CONNECT a:1 HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n", "Undecided", null)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0", "Http2", null)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM", "Undecided", null)]
    [InlineData("PRI * HTTP/2.1\r\n", "Other", null)]
    [InlineData("GET / HTTP/1.1\r\n", "Other", null)]
    [InlineData("\r\n\n\r\n\nCONNECT a:1 HTTP/1.1\r\n\r\n", "Connect", "CONNECT a:1 HTTP/1.1\r\n\r\n")]
    [InlineData("\n\n\n\n\nCONNECT a:1 HTTP/1.1\r\n\r\n", "Other", null)]
    [InlineData("\r\n\r", "Undecided", null)]
    [InlineData("\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "Http2", null)]
    [InlineData("\r\n", "Undecided", null)]
    [InlineData("\r", "Undecided", null)]
    [InlineData("CONNECTED", "Other", null)]
    [InlineData("connect a:1 HTTP/1.1\r\n\r\n", "Other", null)]
    [InlineData("", "Undecided", null)]
    public void Says_what_a_connection_begins_with(string bytes, string expected, string? head)
    {
        var scanner = new HeadScanner(MaxLength);
        var start = scanner.Scan(Encoding.Latin1.GetBytes(bytes), out var range);
        Assert.Equal(expected, start.ToString());
        if (head is not null) Assert.Equal(head, bytes[range]);
    }

    [Fact]
    public void A_head_over_the_limit_is_refused_whether_its_end_has_come_or_not()
    {
        Assert.Equal(RequestStart.TooLarge, Scan("CONNECT a:1 HTTP/1.1\r\n" + new string('a', MaxLength)));
        Assert.Equal(RequestStart.TooLarge, Scan("CONNECT a:1 HTTP/1.1\r\n" + new string('a', MaxLength) + "\r\n\r\n"));
        Assert.Equal(RequestStart.Connect, Scan("CONNECT " + new string('a', MaxLength - 12) + "\r\n\r\n"));
        Assert.Equal(RequestStart.Connect, Scan("\r\nCONNECT " + new string('a', MaxLength - 12) + "\r\n\r\n"));
        Assert.Equal(RequestStart.TooLarge, Scan("CONNECT " + new string('a', MaxLength - 11) + "\r\n\r\n"));
    }

    [Fact]
    public void However_the_bytes_are_cut_the_answer_is_the_same() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<byte[], byte, PositiveInt[]>(IsTheSame));

    private static bool IsTheSame(byte[] noise, byte choice, PositiveInt[] cuts)
    {
        string[] starts = ["CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "\r\n\n\r\nCONNECT b:2 HTTP/1.1\r\n\r\n", "\n\n\r\n\r\n\r\nPRI * HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "CONNECT \r\n\r\r\n\n\r\n\r\n", ""];
        byte[] bytes = [.. Encoding.Latin1.GetBytes(starts[choice % starts.Length]), .. noise];
        var whole = new HeadScanner(MaxLength);
        var expected = whole.Scan(bytes, out var expectedHead);
        var parts = new HeadScanner(MaxLength);
        var length = 0;
        for (var i = 0; length < bytes.Length; i++)
        {
            length = Math.Min(bytes.Length, length + (cuts.Length == 0 ? 1 : (cuts[i % cuts.Length].Get % 7) + 1));
            var start = parts.Scan(bytes.AsSpan(0, length), out var head);
            if (start == RequestStart.Undecided) continue;
            return start == expected && head.Equals(expectedHead);
        }

        return expected == RequestStart.Undecided;
    }

    private static RequestStart Scan(string bytes)
    {
        var scanner = new HeadScanner(MaxLength);
        return scanner.Scan(Encoding.Latin1.GetBytes(bytes), out _);
    }
}
