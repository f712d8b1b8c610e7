using System.Buffers;
using PrivacyProxy.Listeners.KestrelHttp3.Requests;
using Tunneling.Http2.Hpack;
using Tunneling.Http2.Requests;
using Tunneling.Http3;

namespace Tunneling.Fuzz;

/// <summary>The start of a request's stream of HTTP/3, in pieces of which the first byte says the size: the frames up to its head, and the head.</summary>
internal static class Http3Target
{
    private const int MaxFrame = 2048;
    private const int Limit = 1024;

    [ThreadStatic]
    private static RequestHead? t_head;

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        var bytes = input[1..].ToArray();
        var piece = 1 + (input[0] % 32);
        var found = RequestOpening.Unknown;
        ReadOnlySequence<byte> section = default;
        for (int kept = 0, length = 0; found == RequestOpening.Unknown && length < bytes.Length;)
        {
            length = Math.Min(length + piece, bytes.Length);
            var read = new ReadOnlySequence<byte>(bytes, kept, length - kept);
            found = RequestOpenings.Find(read, length == bytes.Length, MaxFrame, out section, out var end);
            var rest = read.Slice(end).Length;
            if (found == RequestOpening.Head && (section.Length > MaxFrame || rest > piece)) throw new InvalidOperationException("A head was found late, or is too long.");
            // Type, length, and a frame that has not come whole.
            if (found == RequestOpening.Unknown && rest > MaxFrame + 16) throw new InvalidOperationException("More is gathered than one frame.");
            kept = length - (int)rest;
        }

        if (found != RequestOpenings.Find(new ReadOnlySequence<byte>(bytes), hasEnded: true, MaxFrame, out _, out _)) throw new InvalidOperationException("Cut, it is another.");
        if (found != RequestOpening.Head) return;
        var head = t_head ??= new RequestHead(Limit);
        head.Clear();
        var isRead = QpackDecoder.TryDecode(section.FirstSpan, head.List);
        var size = 0;
        foreach (ref readonly var field in head.List.Fields)
        {
            size += head.List.Name(field).Length + head.List.Value(field).Length + DynamicTable.EntryOverhead;
            if (FieldNames.Find(head.List.Name(field)) != field.Id) throw new InvalidOperationException("A name and what it was taken for differ.");
        }

        if (size > Limit) throw new InvalidOperationException("The list is larger than allowed.");
        if (!isRead || head.IsTooLarge || !head.TryRead() || !head.IsConnect) return;
        if (head.Authority.IsEmpty || head.IsExtendedConnect == head.Path.IsEmpty) throw new InvalidOperationException("A CONNECT without what it needs.");
    }
}
