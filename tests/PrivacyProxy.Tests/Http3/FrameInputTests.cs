using System.Buffers;
using System.IO.Pipelines;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;

namespace PrivacyProxy.Tests.Http3;

/// <summary>What a tunnel reads of the frames that its client sends (RFC 9114, sections 4.4 and 7).</summary>
public sealed class FrameInputTests
{
    private readonly Pipe _pipe = new();
    private readonly List<long> _broken = [];
    private readonly FrameInput _input;

    public FrameInputTests() => _input = new FrameInput(_pipe.Reader, _broken.Add);

    [Fact]
    public async Task The_payload_of_all_frames_comes_in_order_however_they_are_cut_and_whatever_the_reader_leaves()
    {
        var random = new Random(12);
        for (var round = 0; round < 30; round++)
        {
            var test = new FrameInputTests();
            var (stream, payload) = (new List<byte>(), new List<byte>());
            for (var i = 0; i < 40; i++)
            {
                var bytes = new byte[random.Next(3) == 0 ? random.Next(3) : random.Next(400)];
                random.NextBytes(bytes);
                // Those that nobody knows are skipped, reserved ones (0x1f * N + 0x21) and others.
                var isData = random.Next(4) > 0;
                stream.AddRange(FrameWriter.Frame(isData ? 0u : random.Next(2) == 0 ? 0x21u : 0x4242u, bytes));
                if (isData) payload.AddRange(bytes);
            }

            var reading = test.ReadAllAsync(random);
            for (var sent = 0; sent < stream.Count;)
            {
                var part = Math.Min(random.Next(1, 700), stream.Count - sent);
                await test._pipe.Writer.WriteAsync(stream.GetRange(sent, part).ToArray());
                sent += part;
            }

            await test._pipe.Writer.CompleteAsync();
            Assert.Equal(payload, await reading.WaitAsync(TestTimes.Limit));
            Assert.Empty(test._broken);
        }
    }

    [Fact]
    public async Task What_came_together_is_handed_out_together()
    {
        await _pipe.Writer.WriteAsync((byte[])[.. FrameWriter.Frame(0, "one"u8), .. FrameWriter.Frame(0x21, "grease"u8), .. FrameWriter.Frame(0, "two"u8), 0, 10, .. "th"u8]);
        var result = await _input.ReadAsync();
        Assert.Equal("onetwoth"u8.ToArray(), result.Buffer.ToArray());
        // Left within the first frame and looked at: only more wakes the reader.
        _input.AdvanceTo(result.Buffer.GetPosition(2), result.Buffer.End);
        var next = _input.ReadAsync().AsTask();
        Assert.False(next.IsCompleted);
        await _pipe.Writer.WriteAsync("ree"u8.ToArray());
        Assert.Equal("etwothree"u8.ToArray(), (await next.WaitAsync(TestTimes.Limit)).Buffer.ToArray());
    }

    [Fact]
    public async Task Many_small_frames_are_handed_out_a_part_at_a_time_and_none_is_lost()
    {
        const int Frames = 20_000;
        var stream = Enumerable.Range(0, Frames).SelectMany(static i => (byte[])[0, 1, (byte)i]).ToArray();
        var writing = Task.Run(async () =>
        {
            await _pipe.Writer.WriteAsync(stream);
            await _pipe.Writer.CompleteAsync();
        });
        var read = new List<byte>();
        for (var isLast = false; !isLast;)
        {
            var result = await _input.ReadAsync().AsTask().WaitAsync(TestTimes.Limit);
            isLast = result.IsCompleted;
            read.AddRange(result.Buffer.ToArray());
            _input.AdvanceTo(result.Buffer.End);
            Assert.InRange(_input.KeptPieces, 0, FrameInput.MaxPieces);
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, Frames).Select(static i => (byte)i), read);
    }

    [Fact]
    public async Task Who_needs_more_of_them_to_go_on_gets_more_and_they_are_not_kept_after_it()
    {
        const int Frames = 3000;
        await _pipe.Writer.WriteAsync(Enumerable.Range(0, Frames).SelectMany(static i => (byte[])[0, 1, (byte)i]).ToArray());
        ReadResult result;
        for (var reads = 0; (result = await _input.ReadAsync().AsTask().WaitAsync(TestTimes.Limit)).Buffer.Length < Frames; reads++)
        {
            Assert.InRange(reads, 0, 10);
            _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        Assert.Equal(Enumerable.Range(0, Frames).Select(static i => (byte)i), result.Buffer.ToArray());
        _input.AdvanceTo(result.Buffer.End);
        Assert.InRange(_input.KeptPieces, 0, FrameInput.MaxPieces);
        // And goes on as before: only more wakes the reader.
        var next = _input.ReadAsync().AsTask();
        Assert.False(next.IsCompleted);
        await _pipe.Writer.WriteAsync((byte[])[0, 1, 7]);
        Assert.Equal([7], (await next.WaitAsync(TestTimes.Limit)).Buffer.ToArray());
    }

    [Fact]
    public async Task A_canceled_read_hands_out_nothing_and_loses_nothing()
    {
        await _pipe.Writer.WriteAsync((byte[])[0, 4, .. "ab"u8]);
        _input.AdvanceTo((await _input.ReadAsync()).Buffer.End);
        var reading = _input.ReadAsync().AsTask();
        _input.CancelPendingRead();
        var canceled = await reading.WaitAsync(TestTimes.Limit);
        Assert.True(canceled.IsCanceled);
        _input.AdvanceTo(canceled.Buffer.End);
        await _pipe.Writer.WriteAsync("cd"u8.ToArray());
        Assert.Equal("cd"u8.ToArray(), (await _input.ReadAsync()).Buffer.ToArray());
    }

    [Theory]
    // HEADERS, CANCEL_PUSH, SETTINGS, PUSH_PROMISE, GOAWAY, MAX_PUSH_ID, and those of HTTP/2 that are none of HTTP/3.
    [InlineData("0101")]
    [InlineData("0301")]
    [InlineData("0400")]
    [InlineData("0501")]
    [InlineData("0701")]
    [InlineData("0d01")]
    [InlineData("0200")]
    [InlineData("0600")]
    [InlineData("0800")]
    [InlineData("0900")]
    [InlineData("40010000")]
    [InlineData("0001610700")]
    public async Task A_frame_that_has_no_place_in_a_tunnel_ends_the_connection(string stream)
    {
        await _pipe.Writer.WriteAsync(Convert.FromHexString(stream));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await _input.ReadAsync());
        Assert.Equal([0x105], _broken);
    }

    [Theory]
    [InlineData("000561")]
    [InlineData("0005")]
    [InlineData("00")]
    [InlineData("40")]
    [InlineData("2103")]
    public async Task An_end_within_a_frame_ends_the_connection(string stream)
    {
        await _pipe.Writer.WriteAsync(Convert.FromHexString(stream));
        await _pipe.Writer.CompleteAsync();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await _input.ReadAsync());
        Assert.Equal([0x106], _broken);
    }

    private async Task<List<byte>> ReadAllAsync(Random random)
    {
        var read = new List<byte>();
        while (true)
        {
            var result = await _input.ReadAsync();
            var isLast = result.IsCompleted;
            var length = isLast || random.Next(3) == 0 ? result.Buffer.Length : random.NextInt64(result.Buffer.Length + 1);
            var consumed = result.Buffer.GetPosition(length);
            read.AddRange(result.Buffer.Slice(0, consumed).ToArray());
            if (random.Next(2) == 0) _input.AdvanceTo(consumed);
            else _input.AdvanceTo(consumed, result.Buffer.End);
            if (isLast) return read;
        }
    }
}
