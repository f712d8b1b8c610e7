using PrivacyProxy.Listeners.Http1;
using Tunneling.Http1;

namespace Tunneling.Fuzz;

/// <summary>What a connection begins with, as it comes in pieces: the first byte says how long they are. The head of a CONNECT is parsed.</summary>
internal static class Http1Target
{
    private const int MaxHead = 1024;
    private const int MaxFields = 20;

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var piece = input[0] + 1;
        var bytes = input[1..];
        var scanner = new HeadScanner(MaxHead);
        for (var shown = Math.Min(piece, bytes.Length); ; shown = Math.Min(shown + piece, bytes.Length))
        {
            var start = scanner.Scan(bytes[..shown], out var head);
            if (start == RequestStart.Undecided && shown < bytes.Length) continue;
            AssertAlike(start, head, bytes[..shown]);
            if (start == RequestStart.Connect) Parse(bytes[..shown][head]);
            return;
        }
    }

    /// <summary>How the bytes were cut must not matter.</summary>
    private static void AssertAlike(RequestStart start, Range head, ReadOnlySpan<byte> bytes)
    {
        var whole = new HeadScanner(MaxHead);
        if (whole.Scan(bytes, out var wholeHead) != start || !wholeHead.Equals(head)) throw new InvalidOperationException("Cut otherwise, it is something else.");
        if (start == RequestStart.Connect && !(bytes[head].StartsWith("CONNECT "u8) && bytes[head].EndsWith("\r\n\r\n"u8) && bytes[head].Length <= MaxHead))
            throw new InvalidOperationException("That is no head of a CONNECT.");
    }

    private static void Parse(ReadOnlySpan<byte> head)
    {
        var invalid = ConnectHeadParser.Parse(head, MaxFields, out var parsed);
        if (invalid is null == (parsed is null)) throw new InvalidOperationException("Either a request or what is wrong with it.");
        if (parsed?.ToRequest() is { Target.Port: 0 }) throw new InvalidOperationException("A target has a port.");
    }
}
