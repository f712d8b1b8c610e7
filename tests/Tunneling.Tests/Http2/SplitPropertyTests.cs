using FsCheck.Xunit;
using Tunneling.Http2;
using Tunneling.Http2.Frames;
using Tunneling.Tests.Http2.Hpack;

namespace Tunneling.Tests.Http2;

/// <summary>The same bytes mean the same, however they are split; and none of them throw.</summary>
public sealed class SplitPropertyTests
{
    private static readonly Http2Limits _patient = new() { AllowanceOfStrangers = new(1_000_000, 0), StreamWindow = 20_000 };

    [Property(MaxTest = 400)]
    public bool Any_split_gives_the_same_events_and_the_same_output(int seed)
    {
        var random = new Random(seed);
        var bytes = RandomClient(random);
        var whole = Run(bytes, [bytes.Length]);
        var single = Run(bytes, Enumerable.Repeat(1, bytes.Length));
        var mixed = Run(bytes, Enumerable.Range(0, bytes.Length).Select(_ => 1 + random.Next(random.Next(2) == 0 ? 4 : 20_000)));
        return whole == single && whole == mixed;
    }

    [Property(MaxTest = 1000)]
    public bool Any_bytes_after_the_preface_are_taken_or_refused(byte[] bytes)
    {
        using var peer = new Peer(_patient);
        peer.Send(ClientBytes.Started());
        peer.Send(bytes);
        SentFrame.Parse(Output(peer));
        return true;
    }

    private static string Run(byte[] bytes, IEnumerable<int> pieces)
    {
        using var peer = new Peer(_patient);
        peer.OnRequest = (stream, head) =>
        {
            if (stream.Id % 4 == 1) peer.Connection.Respond(stream, 200, [new("x", "y")], endsStream: stream.Id % 8 == 5);
            else if (stream.Id % 8 == 3) peer.Connection.Reset(stream, Http2ErrorCode.ConnectError);
        };
        var at = 0;
        var data = new Dictionary<int, List<string>>();
        foreach (var piece in pieces)
        {
            if (at >= bytes.Length) break;
            var length = Math.Min(piece, bytes.Length - at);
            if (!peer.Connection.Receive(bytes.AsSpan(at, length), 0)) break;
            at += length;
        }

        peer.Send([]);
        // DATA arrives in other pieces: what it is for each stream between two other events stays.
        return string.Join('\n', Joined(peer.Events)) + "\n" + Convert.ToHexString(Output(peer));
    }

    private static IEnumerable<string> Joined(List<string> events)
    {
        string? pending = null;
        foreach (var line in events)
        {
            var at = line.IndexOf(" data ", StringComparison.Ordinal);
            if (at > 0 && pending is not null && pending.StartsWith(line[..(at + 6)], StringComparison.Ordinal))
            {
                pending += line[(at + 6)..];
                continue;
            }

            if (pending is not null) yield return pending;
            pending = at > 0 ? line : null;
            if (at < 0) yield return line;
        }

        if (pending is not null) yield return pending;
    }

    private static byte[] Output(Peer peer)
    {
        var output = new byte[peer.Connection.QueuedControl];
        peer.Connection.TakeControl(output);
        return output;
    }

    /// <summary>Mostly honest frames of a few streams, some broken.</summary>
    private static byte[] RandomClient(Random random)
    {
        var client = ClientBytes.Started();
        var next = 1;
        for (var i = random.Next(40); i > 0; i--)
        {
            var id = 1 + (2 * random.Next(Math.Max(1, next / 2)));
            switch (random.Next(12))
            {
                case < 4:
                    var block = random.Next(6) == 0 ? ClientBytes.Get() : new BlockWriter().Literal(2, "CONNECT", 0x40).Literal(1, $"h{random.Next(9)}.example:443", 0x40, huffman: true).ToArray();
                    var cut = random.Next(3) == 0 ? random.Next(block.Length) : block.Length;
                    client.Headers(next, block[..cut], endsBlock: cut == block.Length, ends: random.Next(5) == 0);
                    if (cut < block.Length) client.Frame(FrameType.Continuation, FrameFlags.EndHeaders, next, block.AsSpan(cut));
                    next += 2;
                    break;
                case < 7:
                    var data = new byte[random.Next(random.Next(3) == 0 ? 5000 : 20)];
                    random.NextBytes(data);
                    client.Data(id, data, ends: random.Next(6) == 0);
                    break;
                case 7:
                    client.Frame(FrameType.Data, FrameFlags.Padded, id, [(byte)random.Next(5), 1, 2, 3, 4, 5]);
                    break;
                case 8:
                    client.WindowUpdate(random.Next(2) == 0 ? 0 : id, (uint)random.Next(1, 1000));
                    break;
                case 9:
                    client.Reset(id);
                    break;
                case 10:
                    client.Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8]).Settings((4, (uint)random.Next(100_000)));
                    break;
                default:
                    var junk = new byte[random.Next(12)];
                    random.NextBytes(junk);
                    client.Frame((byte)random.Next(12), (byte)random.Next(256), random.Next(2) == 0 ? 0 : id, junk);
                    break;
            }
        }

        return client.ToArray();
    }
}
