using System.Buffers.Text;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>
/// Reads one reply from the start of a buffer. Keeps no state between calls, so that it cannot matter where the network cut
/// a reply: an incomplete one is read again from its start when more has come.
/// </summary>
internal static class ReplyParser
{
    /// <summary>The longest line, bytes; memcached's own are far shorter.</summary>
    public const int LongestLine = 2048;

    /// <summary>The longest reply, bytes; <c>stats</c> has about 3 KiB.</summary>
    public const int LongestReply = 32 * 1024;

    public static ReplyParse Read(CommandKind kind, ReadOnlySpan<byte> buffer, out ParsedReply reply)
    {
        reply = default;
        if (kind == CommandKind.AddMarked) return ReadMarked(buffer, ref reply);
        // The two replies of nearly every check.
        if (kind == CommandKind.Get && buffer.StartsWith("END\r\n"u8)) return Complete(MemcachedReply.Miss, 5, ref reply);
        if (kind == CommandKind.Add && buffer.StartsWith("STORED\r\n"u8)) return Complete(MemcachedReply.Stored, 8, ref reply);

        var found = ReadLine(buffer, 0, out var line, out var next);
        if (found != ReplyParse.Complete) return found;
        if (IsError(line, out var losesOrder))
        {
            // Text commands are one line each and may be unknown to a router: no data line can follow.
            reply.LosesOrder = losesOrder && kind != CommandKind.Text;
            return Complete(MemcachedReply.Failed, next, ref reply);
        }

        return kind switch
        {
            CommandKind.Get => ReadValues(buffer, ref reply),
            CommandKind.Add => ReadAdd(line, next, ref reply),
            _ => ReadText(buffer, line, next, ref reply),
        };
    }

    private static ReplyParse Complete(MemcachedReply kind, int length, ref ParsedReply reply)
    {
        reply.Reply = kind;
        reply.Length = length;
        return ReplyParse.Complete;
    }

    /// <summary>The reply to the <c>add</c>, then that to the <c>get</c>.</summary>
    private static ReplyParse ReadMarked(ReadOnlySpan<byte> buffer, ref ParsedReply reply)
    {
        var found = Read(CommandKind.Add, buffer, out var added);
        // Without the order there is no second reply to wait for.
        if (found != ReplyParse.Complete || added.LosesOrder)
        {
            reply = added;
            return found;
        }

        found = Read(CommandKind.Get, buffer[added.Length..], out reply);
        reply.Marker = reply.Reply;
        reply.Reply = added.Reply;
        reply.Length += added.Length;
        return found;
    }

    private static bool IsError(ReadOnlySpan<byte> line, out bool losesOrder)
    {
        losesOrder = line.SequenceEqual("ERROR"u8) || line.StartsWith("CLIENT_ERROR"u8);
        return losesOrder || line.StartsWith("SERVER_ERROR"u8);
    }

    private static ReplyParse ReadAdd(ReadOnlySpan<byte> line, int next, ref ParsedReply reply) =>
        line.SequenceEqual("NOT_STORED"u8) || line.SequenceEqual("EXISTS"u8)
            ? Complete(MemcachedReply.NotStored, next, ref reply)
            : ReplyParse.Garbage;

    private static ReplyParse ReadText(ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> line, int next, ref ParsedReply reply)
    {
        if (line.SequenceEqual("END"u8)) return Complete(MemcachedReply.Miss, next, ref reply);
        if (line.StartsWith("VALUE "u8)) return ReadValues(buffer, ref reply);
        if (line.IsEmpty) return ReplyParse.Garbage;
        if (!line.StartsWith("STAT "u8)) return Complete(MemcachedReply.Hit, next, ref reply);
        for (var at = next; ; at = next)
        {
            var found = ReadLine(buffer, at, out line, out next);
            if (found != ReplyParse.Complete) return found;
            if (line.SequenceEqual("END"u8)) return Complete(MemcachedReply.Hit, next, ref reply);
            if (!line.StartsWith("STAT "u8)) return ReplyParse.Garbage;
        }
    }

    /// <summary>VALUE key flags length, the data, END: one value, for one key was asked.</summary>
    private static ReplyParse ReadValues(ReadOnlySpan<byte> buffer, ref ParsedReply reply)
    {
        var found = ReadLine(buffer, 0, out var line, out var data);
        if (found != ReplyParse.Complete) return found;
        if (!TryReadValueLine(line, out reply.Key, out var length)) return ReplyParse.Garbage;
        var rest = buffer[data..];
        var end = "\r\nEND\r\n"u8;
        if (rest.Length < length + end.Length)
        {
            // What has come of the end must be its beginning already.
            return rest.Length <= length || end.StartsWith(rest[length..]) ? ReplyParse.Incomplete : ReplyParse.Garbage;
        }

        reply.Value = rest[..length];
        return rest[length..].StartsWith(end) ? Complete(MemcachedReply.Hit, data + length + end.Length, ref reply) : ReplyParse.Garbage;
    }

    /// <summary>Flags and data are not ours to judge: the key exists, that is all that counts.</summary>
    private static bool TryReadValueLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> key, out int length)
    {
        key = default;
        length = 0;
        if (!line.StartsWith("VALUE "u8)) return false;
        line = line["VALUE ".Length..];
        var space = line.IndexOf((byte)' ');
        if (space <= 0) return false;
        key = line[..space];
        line = line[(space + 1)..];
        return Utf8Parser.TryParse(line, out uint _, out var digits)
            && digits < line.Length
            && line[digits] == ' '
            && Utf8Parser.TryParse(line[(digits + 1)..], out length, out var lengthDigits)
            && digits + 1 + lengthDigits == line.Length
            && length is >= 0 and <= LongestReply;
    }

    private static ReplyParse ReadLine(ReadOnlySpan<byte> buffer, int start, out ReadOnlySpan<byte> line, out int next)
    {
        line = default;
        next = 0;
        var rest = buffer[start..];
        if (rest.Length > LongestLine) rest = rest[..LongestLine];
        var lineFeed = rest.IndexOf((byte)'\n');
        if (lineFeed < 0) return rest.Length == LongestLine ? ReplyParse.Garbage : ReplyParse.Incomplete;
        if (lineFeed == 0 || rest[lineFeed - 1] != '\r') return ReplyParse.Garbage;
        line = rest[..(lineFeed - 1)];
        next = start + lineFeed + 1;
        return next > LongestReply ? ReplyParse.Garbage : ReplyParse.Complete;
    }
}
