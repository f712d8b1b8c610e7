using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Masque;
using PrivacyProxy.Tunnels.Capsules;

namespace PrivacyProxy.Tests.Tunnels.Capsules;

public sealed class DataCapsuleInputTests
{
    private static readonly Gen<int[]> _lengths = Gen.OneOf(Gen.Choose(0, 100), Gen.Choose(5000, 20_000)).ArrayOf(5);

    [Property]
    public Property The_bytes_of_data_capsules_come_out_in_order_however_the_stream_is_cut() => Prop.ForAll(
        _lengths.ToArbitrary(), Gen.Choose(1, 9000).ToArbitrary(), static (lengths, step) =>
        {
            var expected = Enumerable.Range(0, lengths.Sum()).Select(static i => (byte)(i * 31)).ToArray();
            var stream = new MemoryStream();
            var at = 0;
            foreach (var length in lengths)
            {
                Write(stream, CapsuleType.Data, expected.AsSpan(at, length));
                Write(stream, 0x1234, "skipped"u8);
                at += length;
            }

            Write(stream, CapsuleType.FinalData, []);
            return ReadAsync(stream.ToArray(), step).WaitAsync(TestTimes.Limit).GetAwaiter().GetResult().AsSpan().SequenceEqual(expected);
        });

    [Fact]
    public async Task Final_data_ends_the_bytes_and_may_carry_some()
    {
        var stream = new MemoryStream();
        Write(stream, CapsuleType.Data, "one "u8);
        Write(stream, CapsuleType.FinalData, "two"u8);
        Write(stream, CapsuleType.Data, "never looked at"u8);
        Assert.Equal("one two"u8.ToArray(), await ReadAsync(stream.ToArray(), step: 3));
    }

    [Fact]
    public async Task A_stream_that_ends_without_final_data_is_broken()
    {
        var stream = new MemoryStream();
        Write(stream, CapsuleType.Data, "half a file"u8);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(stream.ToArray(), step: 100));
    }

    [Fact]
    public async Task A_stream_that_ends_within_a_capsule_is_broken()
    {
        var stream = new MemoryStream();
        Write(stream, CapsuleType.FinalData, "cut"u8);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(stream.ToArray()[..^1], step: 100));
    }

    [Fact]
    public async Task An_endless_unknown_capsule_is_skipped_without_being_held()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        var input = new DataCapsuleInput(pipe.Reader);
        var reading = input.ReadAsync().AsTask();
        var header = new byte[CapsuleWriter.MaxHeaderLength];
        await pipe.Writer.WriteAsync(header.AsMemory(0, CapsuleWriter.WriteHeader(header, 0x99, 50_000_000)));
        for (var sent = 0; sent < 50_000_000; sent += 50_000) await pipe.Writer.WriteAsync(new byte[50_000]).AsTask().WaitAsync(TestTimes.Limit);
        var stream = new MemoryStream();
        Write(stream, CapsuleType.FinalData, "end"u8);
        await pipe.Writer.WriteAsync(stream.ToArray());
        var result = await reading.WaitAsync(TestTimes.Limit);
        Assert.Equal("end"u8.ToArray(), result.Buffer.ToArray());
        Assert.True(result.IsCompleted);
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        var pipe = new Pipe();
        var input = new DataCapsuleInput(pipe.Reader);
        var stream = new MemoryStream();
        Write(stream, CapsuleType.Data, "kept"u8);
        await pipe.Writer.WriteAsync(stream.ToArray().AsMemory(0, 5));
        var reading = input.ReadAsync();
        input.CancelPendingRead();
        var cancelled = await reading;
        Assert.True(cancelled.IsCanceled);
        input.AdvanceTo(cancelled.Buffer.End);
        await pipe.Writer.WriteAsync(stream.ToArray().AsMemory(5));
        Assert.Equal("kept"u8.ToArray(), (await input.ReadAsync()).Buffer.ToArray());
    }

    internal static void Write(Stream stream, ulong type, ReadOnlySpan<byte> value)
    {
        var header = new byte[CapsuleWriter.MaxHeaderLength];
        stream.Write(header, 0, CapsuleWriter.WriteHeader(header, type, (ulong)value.Length));
        stream.Write(value);
    }

    private static async Task<byte[]> ReadAsync(byte[] stream, int step)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < stream.Length; at += step) await pipe.Writer.WriteAsync(stream.AsMemory(at, Math.Min(step, stream.Length - at)));
            await pipe.Writer.CompleteAsync();
        });
        var input = new DataCapsuleInput(pipe.Reader);
        var bytes = new MemoryStream();
        while (true)
        {
            var result = await input.ReadAsync();
            bytes.Write(result.Buffer.ToArray());
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }

        await writing;
        return bytes.ToArray();
    }
}
