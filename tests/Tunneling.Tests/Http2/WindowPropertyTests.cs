using FsCheck.Xunit;
using Tunneling.Http2;
using Tunneling.Http2.Frames;

namespace Tunneling.Tests.Http2;

/// <summary>What always holds of the windows, under any order of what both sides do.</summary>
public sealed class WindowPropertyTests
{
    [Property(MaxTest = 300)]
    public bool Windows_add_up_under_any_schedule(int seed)
    {
        var random = new Random(seed);
        var limits = new Http2Limits
        {
            StreamWindow = 1 + random.Next(40_000),
            MaxStreamWindow = 1 + random.Next(100_000),
            MaxGrowth = random.Next(200_000),
            ConnectionWindow = 65_535 + random.Next(200_000),
            Allowance = new(10_000_000, 0),
            AllowanceOfStrangers = new(10_000_000, 0),
        };
        using var peer = Peer.Started(limits);
        peer.Consumes = false;
        var client = new ClientView(limits.StreamWindow);
        var next = 1;
        for (var step = 0; step < 300; step++)
        {
            peer.Now += random.Next(3) == 0 ? random.Next(500) : 0;
            Step(random, peer, client, ref next);
            client.Take(peer.Sent());
            if (peer.Connection.HasFailed || !Holds(peer, client, limits)) return false;
        }

        return true;
    }

    private static void Step(Random random, Peer peer, ClientView client, ref int next)
    {
        var open = peer.Streams.Values.Where(s => !s.IsClosed).ToArray();
        var any = peer.Streams.Count == 0 ? null : peer.Streams.Values.ElementAt(random.Next(peer.Streams.Count));
        switch (random.Next(10))
        {
            case 0 when open.Length < 20:
                peer.Send(new ClientBytes().Headers(next, ClientBytes.Connect()));
                client.Streams[next] = client.InitialWindow;
                next += 2;
                break;
            case < 5 when open.Length > 0:
                var stream = open[random.Next(open.Length)];
                if (stream.IsRemoteEnded) break;
                var padding = random.Next(4) == 0 ? random.Next(50) : 0;
                var overhead = padding > 0 ? padding + 1 : 0;
                var length = (int)Math.Min(Math.Min(16_000, client.Connection - overhead), client.Streams[stream.Id] - overhead);
                if (length < 0) break;
                length = random.Next(length + 1);
                var ends = random.Next(30) == 0;
                var flags = (ends ? FrameFlags.EndStream : FrameFlags.None) | (padding > 0 ? FrameFlags.Padded : FrameFlags.None);
                byte[] payload = padding > 0 ? [(byte)padding, .. new byte[length + padding]] : new byte[length];
                peer.Send(new ClientBytes().Frame(FrameType.Data, flags, stream.Id, payload));
                client.Connection -= payload.Length;
                client.Streams[stream.Id] -= payload.Length;
                break;
            case < 8 when any is { Held: > 0 }:
                peer.Connection.Consumed(any, 1 + random.Next(any.Held), peer.Now);
                break;
            case 8 when any is not null:
                if (random.Next(3) == 0) peer.Connection.Reset(any, Http2ErrorCode.Cancel);
                else if (random.Next(3) == 0) peer.Send(new ClientBytes().Reset(any.Id));
                else if (random.Next(3) == 0) peer.Connection.End(any);
                break;
            default:
                if (random.Next(20) == 0) peer.Connection.Authenticated();
                break;
        }
    }

    private static bool Holds(Peer peer, ClientView client, Http2Limits limits)
    {
        var connection = peer.Connection;
        // Both sides count alike, once everything sent has arrived.
        if (client.Connection != connection.ConnectionCredit) return false;
        foreach (var stream in peer.Streams.Values.Where(s => !s.IsClosed))
        {
            if (client.Streams[stream.Id] != stream.Credit && !stream.IsRemoteEnded) return false;
            if (stream.Credit + stream.Held + stream.Unreturned != stream.ReceiveWindow) return false;
            // Never stuck: less than half the window waits to be given back.
            if (!stream.IsRemoteEnded && stream.Unreturned > 0 && stream.Unreturned >= stream.ReceiveWindow / 2) return false;
            if (stream.ReceiveWindow < limits.StreamWindow || stream.ReceiveWindow > Math.Max(limits.StreamWindow, limits.MaxStreamWindow)) return false;
        }

        var grown = peer.Streams.Values.Where(s => !s.IsClosed).Sum(s => s.ReceiveWindow - limits.StreamWindow);
        return connection.GrowthLeft == limits.MaxGrowth - grown
            && connection.GrowthLeft >= 0
            && connection.HeldBytes == peer.Streams.Values.Sum(s => s.Held)
            && (connection.IsAuthenticated || connection.HeldBytes <= 65_535);
    }

    /// <summary>The windows as the client sees them.</summary>
    private sealed class ClientView(int initialWindow)
    {
        public int InitialWindow => initialWindow;

        public long Connection { get; set; } = 65_535;

        public Dictionary<int, long> Streams { get; } = [];

        public void Take(List<SentFrame> frames)
        {
            foreach (var frame in frames.Where(f => f.Type == FrameType.WindowUpdate))
            {
                if (frame.Header.StreamId == 0) Connection += frame.FirstNumber;
                else Streams[frame.Header.StreamId] += frame.FirstNumber;
            }
        }
    }
}
