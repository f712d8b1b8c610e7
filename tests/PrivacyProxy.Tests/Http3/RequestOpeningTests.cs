using System.Buffers;
using PrivacyProxy.Listeners.KestrelHttp3.Requests;

namespace PrivacyProxy.Tests.Http3;

/// <summary>What a request's stream begins with, told from as many bytes as have come.</summary>
public sealed class RequestOpeningTests
{
    private const int MaxFrame = 1000;

    private static readonly byte[] _section = [.. Enumerable.Range(0, 100).Select(static i => (byte)i)];
    private static readonly byte[] _opening = [.. FrameWriter.Frame(0x21, "grease"u8), .. FrameWriter.Frame(1, _section)];

    [Fact]
    public void A_head_is_found_once_it_is_whole_behind_frames_that_nobody_knows_however_it_is_cut()
    {
        byte[] all = [.. _opening, .. FrameWriter.Frame(0, "early"u8)];
        for (var length = 0; length <= all.Length; length++)
        {
            var read = Cut(all[..length], piece: 7);
            var found = RequestOpenings.Find(read, hasEnded: false, MaxFrame, out var section, out var end);
            Assert.Equal(length < _opening.Length ? RequestOpening.Unknown : RequestOpening.Head, found);
            if (found != RequestOpening.Head) continue;
            Assert.Equal(_section, section.ToArray());
            Assert.Equal(all[_opening.Length..length], read.Slice(end).ToArray());
        }
    }

    [Theory]
    [InlineData(0UL)] // DATA
    [InlineData(3UL)] // CANCEL_PUSH
    [InlineData(4UL)] // SETTINGS
    [InlineData(0x0dUL)] // MAX_PUSH_ID
    public void A_frame_that_has_no_place_before_a_head_is_kestrels_to_refuse(ulong type) =>
        Assert.Equal(RequestOpening.Other, Find([.. FrameWriter.Frame(type, [1]), .. _opening]));

    [Theory]
    [InlineData(1UL)]
    [InlineData(0x21UL)]
    public void A_frame_longer_than_any_head_is_told_by_its_length_alone(ulong type)
    {
        var frame = FrameWriter.Frame(type, new byte[MaxFrame + 1]);
        Assert.Equal(RequestOpening.TooLong, Find(frame[..8]));
        Assert.Equal(RequestOpening.Head, Find(FrameWriter.Frame(1, new byte[MaxFrame])));
    }

    [Fact]
    public void Frames_that_nobody_knows_are_not_gathered_and_not_looked_at_again()
    {
        var frame = FrameWriter.Frame(0x21, new byte[100]);
        var greased = Enumerable.Repeat(frame, 20).SelectMany(static frame => frame).ToArray();
        var read = Cut([.. greased, .. frame[..50]], 7);
        Assert.Equal(RequestOpening.Unknown, RequestOpenings.Find(read, hasEnded: false, MaxFrame, out _, out var kept));
        Assert.Equal(frame[..50], read.Slice(kept).ToArray());
    }

    [Fact]
    public void A_stream_that_ends_before_its_head_has_come_is_kestrels()
    {
        for (var length = 0; length < _opening.Length; length++)
            Assert.Equal(RequestOpening.Other, RequestOpenings.Find(Cut(_opening[..length], 7), hasEnded: true, MaxFrame, out _, out _));
    }

    private static RequestOpening Find(byte[] bytes) => RequestOpenings.Find(Cut(bytes, 7), hasEnded: false, MaxFrame, out _, out _);

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int piece)
    {
        if (bytes.Length == 0) return ReadOnlySequence<byte>.Empty;
        var pieces = bytes.Chunk(piece).ToArray();
        var first = new Piece(pieces[0], null);
        var last = first;
        foreach (var next in pieces[1..]) last = new Piece(next, last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
