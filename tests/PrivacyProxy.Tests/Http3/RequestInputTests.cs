using System.Buffers;
using System.IO.Pipelines;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;

namespace PrivacyProxy.Tests.Http3;

/// <summary>How the stream of a request passes from Kestrel, which reads its head, to who serves it.</summary>
public sealed class RequestInputTests
{
    private static readonly byte[] _head = [.. FrameWriter.Frame(0x21, "grease"u8), .. FrameWriter.Frame(1, new byte[100])];

    private readonly Pipe _pipe = new();
    private readonly RequestInput _input;

    public RequestInputTests() => _input = new RequestInput(_pipe.Reader, static _ => { }, static _ => { }, 64 * 1024);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Kestrel_sees_the_head_alone_and_a_tunnel_what_follows(int cut)
    {
        var sending = SendAsync([.. _head, .. FrameWriter.Frame(0, "early"u8)], cut);
        var taking = _input.TakeAsync().AsTask();
        Assert.Equal(_head, await ReadHeadAsync());
        await sending;
        var tunnel = await taking.WaitAsync(TestTimes.Limit);
        Assert.Equal("early"u8.ToArray(), await ReadAsync(tunnel, 5));

        // Its own until the stream is disposed: Kestrel's end of reading frees nothing.
        var waiting = _input.ReadAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        _input.CancelPendingRead();
        Assert.True((await waiting.WaitAsync(TestTimes.Limit)).IsCanceled);
        await _input.CompleteAsync();
        await _pipe.Writer.WriteAsync(FrameWriter.Frame(0, "late"u8));
        Assert.Equal("late"u8.ToArray(), await ReadAsync(tunnel, 4));
    }

    [Fact]
    public async Task Kestrel_sees_the_end_that_a_tunnel_has_read()
    {
        await SendAsync(_head, 1_000);
        await ReadHeadAsync();
        var tunnel = await _input.TakeAsync();
        var waiting = _input.ReadAsync().AsTask();
        await _pipe.Writer.CompleteAsync();
        Assert.True((await tunnel.ReadAsync()).IsCompleted);
        var end = await waiting.WaitAsync(TestTimes.Limit);
        Assert.True(end.IsCompleted);
        _input.AdvanceTo(end.Buffer.Start, end.Buffer.End);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_released_is_kestrels_before_and_after_it_waits_for_it(bool isEarly)
    {
        await SendAsync([.. _head, .. "rest"u8], 1_000);
        if (isEarly) _input.Release();
        await ReadHeadAsync();
        var reading = _input.ReadAsync().AsTask();
        if (!isEarly)
        {
            Assert.False(reading.IsCompleted);
            _input.Release();
        }

        var rest = await reading.WaitAsync(TestTimes.Limit);
        Assert.Equal("rest"u8.ToArray(), rest.Buffer.ToArray());
        _input.AdvanceTo(rest.Buffer.End);
        await Assert.ThrowsAsync<IOException>(async () => await _input.TakeAsync());
        await _pipe.Writer.CompleteAsync();
        Assert.True((await _input.ReadAsync()).IsCompleted);
    }

    [Fact]
    public async Task A_request_that_ended_with_its_head_is_an_empty_tunnel()
    {
        await SendAsync(_head, 1_000);
        await _pipe.Writer.CompleteAsync();
        var head = await _input.ReadAsync();
        Assert.True(head.IsCompleted);
        _input.AdvanceTo(head.Buffer.End);
        await _input.CompleteAsync();
        var tunnel = await _input.TakeAsync();
        Assert.True((await tunnel.ReadAsync()).IsCompleted);
    }

    [Fact]
    public async Task Kestrel_is_told_why_nothing_follows_and_no_tunnel_takes_it_then()
    {
        await SendAsync(_head, 1_000);
        await ReadHeadAsync();
        var waiting = _input.ReadAsync().AsTask();
        _input.Fail(new InvalidOperationException("given up"));
        Assert.Equal("given up", (await Assert.ThrowsAsync<InvalidOperationException>(() => waiting.WaitAsync(TestTimes.Limit))).Message);
        await Assert.ThrowsAsync<IOException>(async () => await _input.TakeAsync());
    }

    [Fact]
    public async Task A_stream_that_closes_before_anybody_takes_it_is_read_to_its_end()
    {
        await SendAsync(_head, 1_000);
        await ReadHeadAsync();
        var waiting = _input.ReadAsync().AsTask();
        await _pipe.Writer.CompleteAsync(new IOException("reset"));
        Assert.False(waiting.IsCompleted);
        _input.Close();
        Assert.Equal("reset", (await Assert.ThrowsAsync<IOException>(() => waiting.WaitAsync(TestTimes.Limit))).Message);
    }

    private async Task SendAsync(byte[] bytes, int cut)
    {
        foreach (var part in bytes.Chunk(cut))
        {
            await _pipe.Writer.WriteAsync(part);
            await Task.Yield();
        }
    }

    /// <summary>As Kestrel does: whole frames, and only more wakes it.</summary>
    private async Task<byte[]> ReadHeadAsync()
    {
        var read = new List<byte>();
        while (read.Count < _head.Length)
        {
            var result = await _input.ReadAsync().AsTask().WaitAsync(TestTimes.Limit);
            var (rest, consumed) = (result.Buffer, result.Buffer.Start);
            while (Frame.TryReadHeader(ref rest, out _, out var length) && (ulong)rest.Length >= length)
            {
                rest = rest.Slice((long)length);
                consumed = rest.Start;
            }

            read.AddRange(result.Buffer.Slice(0, consumed).ToArray());
            if (rest.IsEmpty) _input.AdvanceTo(consumed);
            else _input.AdvanceTo(consumed, result.Buffer.End);
        }

        return [.. read];
    }

    private static async Task<byte[]> ReadAsync(PipeReader reader, int length)
    {
        var read = new List<byte>();
        while (read.Count < length)
        {
            var result = await reader.ReadAsync().AsTask().WaitAsync(TestTimes.Limit);
            read.AddRange(result.Buffer.ToArray());
            reader.AdvanceTo(result.Buffer.End);
        }

        return [.. read];
    }
}
