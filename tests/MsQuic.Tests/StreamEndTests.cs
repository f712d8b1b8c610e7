using System.Buffers;

namespace MsQuic.Tests;

/// <summary>How streams end, in order and otherwise.</summary>
public sealed class StreamEndTests
{
    [SkippableFact]
    public async Task A_reset_reaches_the_reader_with_its_code()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            client.Reset(0x17);
            var e = await server.Input.ReadErrorAsync();
            Assert.Equal((QuicError.StreamAborted, 0x17L), (e.Error, e.ApplicationErrorCode));
            Assert.Equal(0x17, server.PeerErrorCode);
            // The other direction stands.
            await server.Output.WriteAsync("still"u8.ToArray());
            await server.Output.CompleteAsync();
            Assert.Equal("still"u8.ToArray(), await client.Input.ReadToEndAsync());
        }
    }

    /// <summary>Who waited may end the stream with a code of its own, as soon as it learns of that.</summary>
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_codes_the_first_counts_when_who_learns_of_the_end_says_another_at_once(bool isReset)
    {
        await using var pair = await QuicPair.StartAsync();
        for (var round = 0; round < 50; round++)
        {
            var (client, server) = await pair.OpenAsync();
            await using (client)
            await using (server)
            {
                Task waiting = isReset ? await FillAsync(client) : client.Input.ReadAsync().AsTask();
                var other = Task.Run(() =>
                {
                    while (!waiting.IsCompleted) Thread.SpinWait(1);
                    End(client, 0x72);
                });
                // It spins by now.
                await Task.Delay(1);
                End(client, 0x71);
                await other.WaitAsync(QuicPair.Limit);
                await QuicPair.UntilAsync(() => server.PeerErrorCode is not null);
                Assert.Equal(0x71, server.PeerErrorCode);
            }
        }

        void End(QuicStream stream, long code)
        {
            if (isReset) stream.Reset(code);
            else stream.StopSending(code);
        }

        // A flush that waits, for the peer reads nothing.
        static async Task<Task> FillAsync(QuicStream stream)
        {
            while (true)
            {
                var flush = stream.Output.WriteAsync(new byte[64 * 1024]).AsTask();
                if (await Task.WhenAny(flush, Task.Delay(50)) != flush) return flush;
            }
        }
    }

    [SkippableFact]
    public async Task One_that_is_reset_after_its_end_waits_for_nobody()
    {
        UdpPath path = null!;
        var patient = QuicPair.Settings with { DisconnectTimeout = TimeSpan.FromSeconds(5) };
        await using var pair = await QuicPair.StartAsync(client: patient, through: server => (path = new UdpPath(server)).EndPoint);
        using (path)
        {
            var stream = await pair.Client.OpenStreamAsync(bidirectional: true);
            path.IsCut = true;
            await stream.Output.WriteAsync("lost"u8.ToArray());
            await stream.Output.CompleteAsync();
            stream.Abort(QuicPair.StreamCode);
            await stream.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
            // Who waits for the end to arrive waits until the peer is given up.
            Assert.False(pair.Client.Closed.IsCompleted);
        }
    }

    [SkippableFact]
    public async Task A_host_has_its_own_exceptions_from_the_reader()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            server.ErrorMapping = static e => new InvalidDataException("mapped", e);
            var reading = server.Input.ReadAsync();
            client.Reset(5);
            var e = await Assert.ThrowsAsync<InvalidDataException>(() => reading.AsTask().WaitAsync(QuicPair.Limit));
            Assert.Equal(5, Assert.IsType<QuicException>(e.InnerException).ApplicationErrorCode);
        }
    }

    [SkippableFact]
    public async Task Who_wants_no_more_stops_the_writer_with_a_code()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            server.StopSending(0x21);
            await client.Output.WriteUntilStoppedAsync();
            Assert.Equal(0x21, client.PeerErrorCode);
            Assert.Equal(QuicError.OperationAborted, (await server.Input.ReadErrorAsync()).Error);
        }
    }

    [SkippableFact]
    public async Task A_stream_that_is_disposed_unfinished_is_reset_with_the_default_code()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (server)
        {
            await client.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
            Assert.Equal(QuicPair.StreamCode, (await server.Input.ReadErrorAsync()).ApplicationErrorCode);
        }
    }

    [SkippableFact]
    public async Task A_writer_that_is_completed_with_an_error_resets()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            await client.Output.CompleteAsync(new InvalidOperationException());
            Assert.Equal(QuicPair.StreamCode, (await server.Input.ReadErrorAsync()).ApplicationErrorCode);
        }
    }

    [SkippableFact]
    public async Task Memory_that_is_being_filled_when_its_stream_ends_becomes_nobody_elses()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            var filled = client.Output.GetMemory(QuicStream.LargeWrite);
            // As a host does that gives a stream up while its user reads from a socket.
            await client.Output.CompleteAsync();
            filled.Span.Fill(1);
            // More than are kept for reuse.
            for (var i = 0; i < 300; i++) Assert.False(Native.SendBlock.Rent(QuicStream.LargeWrite).Memory(0).Span.Overlaps(filled.Span));
        }
    }

    [SkippableFact]
    public async Task What_was_sent_before_the_end_arrives_though_the_stream_is_disposed_at_once()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (server)
        {
            var sent = StreamBytes.Random(1_500_000);
            var reading = server.Input.ReadToEndAsync();
            await client.Output.SendAsync(sent, 64 * 1024);
            await client.Output.CompleteAsync();
            await client.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
            Assert.Equal(sent, await reading);
        }
    }

    [SkippableFact]
    public async Task A_stream_that_is_disposed_while_bytes_are_read_keeps_them_until_they_are_given_back()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        {
            var sent = StreamBytes.Random(50_000);
            await client.Output.WriteAsync(sent);
            var result = await server.Input.ReadAsync().AsTask().WaitAsync(QuicPair.Limit);
            client.Reset(1);
            await server.Closed.WaitAsync(TimeSpan.FromMilliseconds(1)).ContinueWith(static _ => { }, TaskScheduler.Default);
            // Reading it is safe still, although the stream has failed meanwhile.
            Assert.Equal(sent.AsSpan(0, (int)result.Buffer.Length).ToArray(), result.Buffer.ToArray());
            server.Input.AdvanceTo(result.Buffer.End);
            await server.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
        }
    }
}
