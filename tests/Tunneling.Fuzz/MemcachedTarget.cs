using System.Text;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace Tunneling.Fuzz;

/// <summary>Replies of memcached and of what stands before it: the first byte says to which command. Where the network cuts a reply must not matter.</summary>
internal static class MemcachedTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var kind = (CommandKind)(input[0] % 4);
        var bytes = input[1..];
        var found = ReplyParser.Read(kind, bytes, out var reply);
        if (found == ReplyParse.Complete && (reply.Length < 1 || reply.Length > bytes.Length)) throw new InvalidOperationException("A reply of other bytes than came.");
        var whole = found == ReplyParse.Complete ? reply.Length : bytes.Length;
        for (var length = 0; length <= whole; length += 1 + (whole / 64))
        {
            var part = ReplyParser.Read(kind, bytes[..length], out var cut);
            if (part == ReplyParse.Complete && found == ReplyParse.Complete && length < whole) throw new InvalidOperationException("A part of a reply is one.");
            if (part == ReplyParse.Complete && found != ReplyParse.Complete) throw new InvalidOperationException("A reply that is none any more once more has come.");
            if (part == ReplyParse.Garbage && found != ReplyParse.Garbage) throw new InvalidOperationException("A part of a reply is garbage.");
            if (part == ReplyParse.Complete && cut.Reply != reply.Reply) throw new InvalidOperationException("Cut, the reply is another one.");
        }

        if (found != ReplyParse.Complete || kind != CommandKind.Text) return;
        if (!NodeEpoch.TryRead(Encoding.ASCII.GetString(bytes[..reply.Length]), out var epoch) || epoch is null) return;
        if (!NodeEpoch.TryRead($"VALUE epoch 0 {epoch.Value.Length}\r\n{epoch.Value}\r\nEND\r\n", out var again) || again != epoch) throw new InvalidOperationException("Written again, the marker is another one.");
    }
}
