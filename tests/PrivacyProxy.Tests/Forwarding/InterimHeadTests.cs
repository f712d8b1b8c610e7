using System.Text;
using PrivacyProxy.Forwarding;

namespace PrivacyProxy.Tests.Forwarding;

public sealed class InterimHeadTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nX: HTTP/1.1 103 no\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n";

    [Theory]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: a\r\nX:  b \r\n\r\n", "103 Link=a X=b")]
    [InlineData("HTTP/1.1 102 \r\n\r\nHTTP/1.1 103 Early Hints\nLink: a\n\n", "102|103 Link=a")]
    [InlineData("HTTP/1.1 199\r\n\r\n", "199")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\n\r\n", "103")]
    [InlineData("HTTP/1.1 103 x\r\nfolded: a\r\n b\r\n\r\n", "")]
    [InlineData("HTTP/1.1 103 x\r\nna me: a\r\n\r\n", "")]
    [InlineData("HTTP/1.1 103 x\r\nname: a\rb\r\n\r\n", "")]
    [InlineData("HTTP/1.1 103 x\r\nname: a\0b\r\n\r\n", "")]
    [InlineData("HTTP/1.1 103 x\r\nnothing\r\n\r\n", "")]
    [InlineData("HTTP/1.1 1x3 x\r\n\r\n", "")]
    [InlineData("HTTP/1.0 103 x\r\n\r\n", "")]
    [InlineData("HTTP/1.1 101 x\r\n\r\nHTTP/1.1 103 x\r\n\r\n", "")]
    [InlineData("", "")]
    public void Interim_answers_are_found_before_the_answer_however_they_are_cut(string before, string expected)
    {
        var bytes = Encoding.Latin1.GetBytes(before + Answer);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var head = new InterimHead();
            head.Begin();
            Assert.Equal(expected, string.Join('|', Take(ref head, bytes.AsSpan(0, cut)).Concat(Take(ref head, bytes.AsSpan(cut)))));
        }

        var single = new InterimHead();
        single.Begin();
        var found = new List<string>();
        for (var i = 0; i < bytes.Length; i++) found.AddRange(Take(ref single, bytes.AsSpan(i, 1)));
        Assert.Equal(expected, string.Join('|', found));
    }

    [Fact]
    public void Nothing_is_looked_for_until_an_answer_is_awaited_nor_in_one_that_is_too_long()
    {
        var head = new InterimHead();
        Assert.Empty(Take(ref head, "HTTP/1.1 103 x\r\n\r\n"u8));
        head.Begin();
        Assert.Empty(Take(ref head, Encoding.ASCII.GetBytes($"HTTP/1.1 103 x\r\nLink: {new string('x', 16 * 1024)}\r\n\r\nHTTP/1.1 103 x\r\n\r\n")));
    }

    private static List<string> Take(ref InterimHead head, ReadOnlySpan<byte> bytes)
    {
        var found = new List<string>();
        while (head.TryTake(ref bytes, out var interim)) found.Add(string.Join(' ', interim!.Fields.Select(static field => $"{field.Key}={field.Value}").Prepend($"{interim.Status}")));
        return found;
    }
}
