using System.Buffers;

namespace MsQuic.Tests;

/// <summary>Streams as pipes.</summary>
public sealed class StreamTests
{
    [SkippableTheory]
    [InlineData(1, 100)]
    [InlineData(1_200, 300_000)]
    [InlineData(64 * 1024, 6_000_000)]
    [InlineData(3_000_000, 6_000_000)]
    public async Task Bytes_arrive_whole_both_ways_and_each_way_ends_by_itself(int piece, int count)
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            var (up, down) = (StreamBytes.Random(count), StreamBytes.Random(count));
            var sending = Task.Run(async () =>
            {
                await client.Output.SendAsync(up, piece);
                await client.Output.CompleteAsync();
            });
            Assert.Equal(up, await server.Input.ReadToEndAsync());
            await sending;
            // One direction has ended, the other goes on.
            sending = Task.Run(async () =>
            {
                await server.Output.SendAsync(down, piece);
                await server.Output.CompleteAsync();
            });
            Assert.Equal(down, await client.Input.ReadToEndAsync());
            await sending;
            await Task.WhenAll(client.Closed, server.Closed).WaitAsync(QuicPair.Limit);
        }
    }

    [SkippableFact]
    public async Task Many_streams_at_a_time_keep_their_bytes_apart()
    {
        await using var pair = await QuicPair.StartAsync();
        var serving = Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++) _ = EchoAsync(await pair.Server.AcceptStreamAsync());
        });
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            await using var stream = await pair.Client.OpenStreamAsync(bidirectional: true);
            var sent = StreamBytes.Random(100_000);
            var sending = Task.Run(async () =>
            {
                await stream.Output.SendAsync(sent, 7_000);
                await stream.Output.CompleteAsync();
            });
            Assert.Equal(sent, await stream.Input.ReadToEndAsync());
            await sending;
        })).WaitAsync(QuicPair.Limit);
        await serving.WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task A_stream_of_one_direction_has_no_other()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync(bidirectional: false);
        await using (client)
        await using (server)
        {
            Assert.Equal((false, true, true, false), (client.CanRead, client.CanWrite, server.CanRead, server.CanWrite));
            Assert.Equal((2L, 2L), (client.Id, server.Id));
            await client.Output.CompleteAsync();
            Assert.Empty(await server.Input.ReadToEndAsync());
            Assert.True((await client.Input.ReadAsync()).IsCompleted);
            Assert.True((await server.Output.FlushAsync()).IsCompleted);
        }
    }

    [SkippableFact]
    public async Task A_reader_that_leaves_the_start_of_a_frame_sees_it_again_with_what_came_behind()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            var sent = StreamBytes.Random(200_000);
            var sending = client.Output.SendAsync(sent, 777);
            // Nothing is consumed until all of it is there.
            while (true)
            {
                var result = await server.Input.ReadAsync().AsTask().WaitAsync(QuicPair.Limit);
                if (result.Buffer.Length == sent.Length)
                {
                    Assert.Equal(sent, result.Buffer.ToArray());
                    server.Input.AdvanceTo(result.Buffer.End);
                    break;
                }

                server.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }

            await sending;
        }
    }

    [SkippableFact]
    public async Task Whatever_a_reader_consumes_and_examines_it_loses_and_repeats_nothing()
    {
        await using var pair = await QuicPair.StartAsync();
        var random = new System.Random(20_261_129);
        for (var round = 0; round < 30; round++)
        {
            var (client, server) = await pair.OpenAsync();
            await using (client)
            await using (server)
            {
                var sent = StreamBytes.Random(random.Next(1, 60_000));
                var sending = Task.Run(async () =>
                {
                    await client.Output.SendAsync(sent, random.Next(1, 5_000));
                    await client.Output.CompleteAsync();
                });
                var received = new List<byte>();
                while (true)
                {
                    var result = await server.Input.ReadAsync().AsTask().WaitAsync(QuicPair.Limit);
                    var consumed = (int)random.NextInt64(0, result.Buffer.Length + 1);
                    var examined = random.Next(2) == 0 ? result.Buffer.Length : random.NextInt64(consumed, result.Buffer.Length + 1);
                    received.AddRange(result.Buffer.Slice(0, consumed).ToArray());
                    var isAll = result.IsCompleted && consumed == result.Buffer.Length;
                    server.Input.AdvanceTo(result.Buffer.GetPosition(consumed), result.Buffer.GetPosition(examined));
                    if (isAll) break;
                }

                await sending;
                Assert.Equal(sent, received);
            }
        }
    }

    [SkippableFact]
    public async Task What_a_reader_never_consumes_is_bounded()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            var sending = client.Output.WriteUntilStoppedAsync();
            var e = await Assert.ThrowsAsync<QuicException>(async () =>
            {
                while (true)
                {
                    var result = await server.Input.ReadAsync().AsTask().WaitAsync(QuicPair.Limit);
                    Assert.InRange(result.Buffer.Length, 1, 3 * Streams.QuicPipeReader.MaxCarried);
                    server.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                }
            });
            Assert.Equal(QuicError.OperationAborted, e.Error);
            server.StopSending(7);
            await sending.WaitAsync(QuicPair.Limit);
            Assert.Equal(7, client.PeerErrorCode);
        }
    }

    [SkippableFact]
    public async Task A_flush_waits_while_the_peer_does_not_read_and_goes_on_when_it_does()
    {
        await using var pair = await QuicPair.StartAsync(server: QuicPair.Settings with { StreamWindow = 64 * 1024 }, client: QuicPair.Settings with { SendLimit = 256 * 1024 });
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            var sent = 0;
            var piece = new byte[16 * 1024];
            ValueTask<System.IO.Pipelines.FlushResult> flush;
            while ((flush = client.Output.WriteAsync(piece)).IsCompleted)
            {
                await flush;
                sent += piece.Length;
                Assert.InRange(sent, 0, 1024 * 1024);
            }

            var pending = flush.AsTask();
            Assert.False(pending.IsCompleted);
            var read = 1;
            while (read < sent)
            {
                var result = await server.Input.ReadAsync().AsTask().WaitAsync(QuicPair.Limit);
                read += (int)result.Buffer.Length;
                server.Input.AdvanceTo(result.Buffer.End);
            }

            Assert.False((await pending.WaitAsync(QuicPair.Limit)).IsCompleted);
        }
    }

    [SkippableFact]
    public async Task Waiting_to_read_and_to_flush_can_be_given_up()
    {
        await using var pair = await QuicPair.StartAsync(client: QuicPair.Settings with { SendLimit = 1 });
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            using var canceled = new CancellationTokenSource();
            var reading = server.Input.ReadAsync(canceled.Token).AsTask();
            await canceled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(QuicPair.Limit));
            reading = server.Input.ReadAsync().AsTask();
            server.Input.CancelPendingRead();
            var result = await reading.WaitAsync(QuicPair.Limit);
            Assert.True(result.IsCanceled);
            server.Input.AdvanceTo(result.Buffer.Start);

            // More than the peer's window, none of which it reads.
            client.Output.Write(new byte[600_000]);
            using var flushCanceled = new CancellationTokenSource();
            var flushing = client.Output.FlushAsync(flushCanceled.Token).AsTask();
            await flushCanceled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushing.WaitAsync(QuicPair.Limit));
            client.Output.CancelPendingFlush();
            Assert.True((await client.Output.FlushAsync()).IsCanceled);
        }
    }

    [SkippableFact]
    public async Task Streams_that_nobody_reads_hold_up_no_other()
    {
        // The windows of ten such streams fit into the connection's.
        await using var pair = await QuicPair.StartAsync(server: QuicPair.Settings with { StreamWindow = 64 * 1024, ConnectionWindow = 4 * 1024 * 1024 });
        var stalled = new List<QuicStream>();
        for (var i = 0; i < 10; i++)
        {
            var (client, server) = await pair.OpenAsync();
            stalled.AddRange([client, server]);
            client.Output.Write(new byte[300_000]);
            _ = client.Output.FlushAsync().AsTask();
        }

        var (up, down) = await pair.OpenAsync();
        await using (up)
        await using (down)
        {
            var sent = StreamBytes.Random(5_000_000);
            var sending = Task.Run(async () =>
            {
                await up.Output.SendAsync(sent, 32 * 1024);
                await up.Output.CompleteAsync();
            });
            Assert.Equal(sent, await down.Input.ReadToEndAsync());
            await sending;
        }

        foreach (var stream in stalled) await stream.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
    }

    private static async Task EchoAsync(QuicStream stream)
    {
        await using (stream)
        {
            while (true)
            {
                var result = await stream.Input.ReadAsync();
                foreach (var part in result.Buffer) stream.Output.Write(part.Span);
                await stream.Output.FlushAsync();
                stream.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) break;
            }

            await stream.Output.CompleteAsync();
        }
    }
}
