using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

/// <summary>What servers and networks do to a connection, said by a <see cref="ScriptedServer"/>.</summary>
public class MemcachedLinkFaultTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromMilliseconds(250);

    /// <summary>Deadlines pass only when a test says so.</summary>
    private readonly FakeTimeProvider _time = new();

    /// <summary>Where replies are read; null for a thread of the connection's own.</summary>
    private protected virtual CheckLoop? Loop => null;

    [Fact]
    public async Task Replies_cut_at_every_byte_are_put_together()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var hit = TestKeys.Next();
        var replies = Value(hit) + "END\r\nSTORED\r\nNOT_STORED\r\nSERVER_ERROR busy\r\n";
        for (var cut = 1; cut < replies.Length; cut++)
        {
            Task<MemcachedReply>[] asked =
            [
                link.GetAsync(hit).AsTask(),
                link.GetAsync(TestKeys.Next()).AsTask(),
                link.AddAsync(hit, 9).AsTask(),
                link.AddAsync(hit, 9).AsTask(),
                link.GetAsync(hit).AsTask(),
            ];
            await server.ReadLinesAsync(7);
            await server.SendAsync(replies[..cut]);
            // The first byte is on its way alone; no wait is needed for the rest to be right, only for it to be cut.
            await Task.Yield();
            await server.SendAsync(replies[cut..]);
            Assert.Equal([MemcachedReply.Hit, MemcachedReply.Miss, MemcachedReply.Stored, MemcachedReply.NotStored, MemcachedReply.Failed], await Task.WhenAll(asked));
        }
    }

    [Fact]
    public async Task Replies_of_single_bytes_are_put_together()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var key = TestKeys.Next();
        var asked = new[] { link.AddAsync(key, 9).AsTask(), link.GetAsync(key).AsTask() };
        await server.ReadLinesAsync(3);
        foreach (var letter in "STORED\r\n" + Value(key)) await server.SendAsync($"{letter}");
        Assert.Equal([MemcachedReply.Stored, MemcachedReply.Hit], await Task.WhenAll(asked));
    }

    [Fact]
    public async Task All_that_waits_behind_a_write_goes_out_in_one_write()
    {
        var batches = new List<int>();
        using var started = new SemaphoreSlim(0);
        using var more = new SemaphoreSlim(0);
        var (server, link) = await ConnectAsync(8192, commands =>
        {
            batches.Add(commands);
            if (batches.Count > 1) return;
            started.Release();
            more.Wait();
        });
        await using var _ = server;
        await using var __ = link;
        var first = Task.Run(async () => await link.GetAsync(TestKeys.Next()));
        await started.WaitAsync();
        var others = TestKeys.Next(100).Select(key => link.GetAsync(key).AsTask()).ToArray();
        more.Release();
        await server.ReadLinesAsync(101);
        await server.SendAsync(string.Concat(Enumerable.Repeat("END\r\n", 101)));
        Assert.All(await Task.WhenAll([first, .. others]), reply => Assert.Equal(MemcachedReply.Miss, reply));
        Assert.Equal([1, 100], batches);
        Assert.Equal((2, 101), (link.Writes, link.CommandsWritten));
    }

    [Fact]
    public async Task A_lone_check_is_one_write()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        for (var i = 1; i <= 10; i++)
        {
            var asked = link.AddAsync(TestKeys.Next(), 9).AsTask();
            await server.ReadLinesAsync(2);
            await server.SendAsync("STORED\r\n");
            Assert.Equal(MemcachedReply.Stored, await asked);
            Assert.Equal(i, link.Writes);
        }
    }

    [Fact]
    public async Task A_late_reply_is_swallowed_and_the_next_one_goes_to_its_own_command()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var late = link.AddAsync(TestKeys.Next(), 9).AsTask();
        await server.ReadLinesAsync(2);
        _time.Advance(_deadline);
        Assert.Equal(MemcachedReply.TimedOut, await late);
        Assert.Equal((1, _deadline), (link.InFlight, link.OldestWait));
        var key = TestKeys.Next();
        var timely = new[] { link.AddAsync(key, 9).AsTask(), link.GetAsync(key).AsTask() };
        await server.ReadLinesAsync(3);
        await server.SendAsync("STORED\r\n" + "NOT_STORED\r\n" + Value(key));
        Assert.Equal([MemcachedReply.NotStored, MemcachedReply.Hit], await Task.WhenAll(timely));
        Assert.Equal((0, TimeSpan.Zero), (link.InFlight, link.OldestWait));
        Assert.True(link.IsOpen);
    }

    [Fact]
    public async Task Only_commands_past_the_deadline_time_out()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var first = link.GetAsync(TestKeys.Next()).AsTask();
        _time.Advance(_deadline / 2);
        var second = link.GetAsync(TestKeys.Next()).AsTask();
        _time.Advance(_deadline / 2);
        Assert.Equal(MemcachedReply.TimedOut, await first);
        await server.ReadLinesAsync(2);
        await server.SendAsync("END\r\nEND\r\n");
        Assert.Equal(MemcachedReply.Miss, await second);
    }

    [Fact]
    public async Task A_text_command_times_out_as_null()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = link.ReadTextAsync("version");
        _time.Advance(_deadline);
        Assert.Null(await asked);
    }

    [Fact]
    public async Task A_reset_closes_all_hundred_commands_in_flight()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = link;
        var asked = TestKeys.Next(100).Select(key => link.GetAsync(key).AsTask()).ToArray();
        await server.ReadLinesAsync(100);
        server.Reset();
        Assert.All(await Task.WhenAll(asked), reply => Assert.Equal(MemcachedReply.Closed, reply));
        Assert.Equal(MemcachedCloseReason.Faulted, await link.Closed);
        Assert.Equal(MemcachedReply.Closed, await link.AddAsync(TestKeys.Next(), 9));
        Assert.Null(await link.ReadTextAsync("version"));
    }

    [Fact]
    public async Task A_reset_amid_replies_and_deadlines_completes_every_command_once()
    {
        for (var round = 0; round < 50; round++)
        {
            var (server, link) = await ConnectAsync();
            await using var _ = link;
            var asked = TestKeys.Next(100).Select(key => link.GetAsync(key).AsTask()).ToArray();
            await server.ReadLinesAsync(100);
            var timingOut = Task.Run(() => _time.Advance(_deadline));
            await server.SendAsync(string.Concat(Enumerable.Repeat("END\r\n", round)));
            server.Reset();
            await timingOut;
            var replies = await Task.WhenAll(asked);
            Assert.All(replies, reply => Assert.Contains(reply, new[] { MemcachedReply.Miss, MemcachedReply.TimedOut, MemcachedReply.Closed }));
            Assert.All(replies[round..], reply => Assert.NotEqual(MemcachedReply.Miss, reply));
            await link.Closed;
        }
    }

    [Fact]
    public async Task A_server_that_closes_in_the_middle_of_a_reply_closes_the_command()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = link;
        var asked = link.AddAsync(TestKeys.Next(), 9).AsTask();
        await server.ReadLinesAsync(2);
        await server.SendAsync("STORED\r");
        await server.DisposeAsync();
        Assert.Equal(MemcachedReply.Closed, await asked);
        Assert.Equal(MemcachedCloseReason.ClosedByServer, await link.Closed);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("STORED\r\n")]
    [InlineData("\0\0\0\0\r\n")]
    [InlineData("VALUE pp:somebody-else 0 1\r\n1\r\nEND\r\n")]
    [InlineData("VALUE broken\r\n")]
    public async Task Garbage_closes_the_connection_and_everything_behind_it(string garbage)
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = TestKeys.Next(3).Select(key => link.GetAsync(key).AsTask()).ToArray();
        await server.ReadLinesAsync(3);
        await server.SendAsync("END\r\n" + garbage + "END\r\n");
        Assert.Equal([MemcachedReply.Miss, MemcachedReply.Closed, MemcachedReply.Closed], await Task.WhenAll(asked));
        Assert.Equal(MemcachedCloseReason.Garbage, await link.Closed);
    }

    [Fact]
    public async Task A_line_without_an_end_closes_the_connection()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = link.GetAsync(TestKeys.Next()).AsTask();
        await server.ReadLinesAsync(1);
        await server.SendAsync(new string('x', 100_000));
        Assert.Equal(MemcachedReply.Closed, await asked);
    }

    [Fact]
    public async Task A_reply_that_nobody_asked_for_closes_the_connection()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        await server.SendAsync("STORED\r\n");
        Assert.Equal(MemcachedCloseReason.Garbage, await link.Closed);
        Assert.Equal(MemcachedReply.Closed, await link.AddAsync(TestKeys.Next(), 9));
    }

    [Fact]
    public async Task A_server_error_fails_its_own_command_only()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = TestKeys.Next(3).Select(key => link.AddAsync(key, 9).AsTask()).ToArray();
        await server.ReadLinesAsync(6);
        await server.SendAsync("STORED\r\nSERVER_ERROR out of memory storing object\r\nNOT_STORED\r\n");
        Assert.Equal([MemcachedReply.Stored, MemcachedReply.Failed, MemcachedReply.NotStored], await Task.WhenAll(asked));
        Assert.True(link.IsOpen);
    }

    [Theory]
    [InlineData("ERROR\r\n")]
    [InlineData("CLIENT_ERROR bad data chunk\r\n")]
    public async Task After_an_error_that_may_shift_the_replies_none_of_them_is_believed(string error)
    {
        // A server that takes the data line of the first add for a command answers twice: STORED would go to the wrong token.
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = TestKeys.Next(3).Select(key => link.AddAsync(key, 9).AsTask()).ToArray();
        await server.ReadLinesAsync(6);
        await server.SendAsync(error + "ERROR\r\nSTORED\r\nNOT_STORED\r\n");
        Assert.Equal([MemcachedReply.Failed, MemcachedReply.Closed, MemcachedReply.Closed], await Task.WhenAll(asked));
        Assert.Equal(MemcachedCloseReason.Garbage, await link.Closed);
    }

    [Fact]
    public async Task Whatever_value_lies_under_the_key_it_exists()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var key = TestKeys.Next();
        var asked = link.GetAsync(key).AsTask();
        await server.ReadLinesAsync(1);
        await server.SendAsync($"VALUE pp:{Text(key)} 42 20\r\n01234567\r\nEND\r\n89012\r\nEND\r\n");
        Assert.Equal(MemcachedReply.Hit, await asked);
        Assert.True(link.IsOpen);
    }

    [Fact]
    public async Task Beyond_the_commands_in_flight_it_is_busy_until_replies_come()
    {
        var (server, link) = await ConnectAsync(100);
        await using var _ = server;
        await using var __ = link;
        var asked = TestKeys.Next(100).Select(key => link.GetAsync(key).AsTask()).ToArray();
        Assert.Equal(MemcachedReply.Busy, await link.GetAsync(TestKeys.Next()));
        _time.Advance(_deadline);
        Assert.All(await Task.WhenAll(asked), reply => Assert.Equal(MemcachedReply.TimedOut, reply));
        // Their replies are still owed: no room yet.
        Assert.Equal(MemcachedReply.Busy, await link.GetAsync(TestKeys.Next()));
        await server.ReadLinesAsync(100);
        await server.SendAsync(string.Concat(Enumerable.Repeat("END\r\n", 100)));
        using var limit = new CancellationTokenSource(TestTimes.Limit);
        while (link.InFlight > 0) await Task.Delay(1, limit.Token);
        var again = link.GetAsync(TestKeys.Next()).AsTask();
        await server.ReadLinesAsync(1);
        await server.SendAsync("END\r\n");
        Assert.Equal(MemcachedReply.Miss, await again);
    }

    [Fact]
    public async Task A_server_that_does_not_read_blocks_no_caller()
    {
        // 5 MB, more than the sockets hold: were a write to block, the server would never come to read.
        const int Commands = 100_000;
        var (server, link) = await ConnectAsync(Commands);
        await using var _ = server;
        await using var __ = link;
        var asked = TestKeys.Next(Commands).Select(key => link.GetAsync(key).AsTask()).ToArray();
        Assert.Equal(MemcachedReply.Busy, await link.GetAsync(TestKeys.Next()));
        await server.ReadLinesAsync(Commands);
        await server.SendAsync(string.Concat(Enumerable.Repeat("END\r\n", Commands)));
        Assert.Equal([MemcachedReply.Miss], (await Task.WhenAll(asked)).Distinct());
    }

    [Fact]
    public async Task A_full_socket_does_not_hold_up_the_end_of_the_connection()
    {
        const int Commands = 100_000;
        var (server, link) = await ConnectAsync(Commands);
        await using var _ = server;
        var asked = TestKeys.Next(Commands).Select(key => link.GetAsync(key).AsTask()).ToArray();
        await link.DisposeAsync();
        Assert.Equal([MemcachedReply.Closed], (await Task.WhenAll(asked)).Distinct());
    }

    [Fact]
    public async Task Disposing_closes_what_is_in_flight_and_says_so()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        var asked = link.GetAsync(TestKeys.Next()).AsTask();
        await link.DisposeAsync();
        await link.DisposeAsync();
        Assert.Equal(MemcachedReply.Closed, await asked);
        Assert.Equal(MemcachedCloseReason.Disposed, await link.Closed);
    }

    private protected Task<(ScriptedServer Server, MemcachedLink Link)> ConnectAsync() => ConnectAsync(8192, null);

    private Task<(ScriptedServer Server, MemcachedLink Link)> ConnectAsync(int maxInFlight) => ConnectAsync(maxInFlight, null);

    private Task<(ScriptedServer Server, MemcachedLink Link)> ConnectAsync(int maxInFlight, Action<int>? batchSent) =>
        ScriptedServer.ConnectAsync(new MemcachedLinkOptions { Deadline = _deadline, ConnectTimeout = TimeSpan.FromMinutes(1), MaxInFlight = maxInFlight, Time = _time, BatchSent = batchSent, Loop = Loop });

    private static string Value(SpentTokenKey key) => $"VALUE pp:{Text(key)} 0 1\r\n1\r\nEND\r\n";

    private static string Text(SpentTokenKey key)
    {
        Span<byte> text = stackalloc byte[SpentTokenKey.TextLength];
        key.WriteText(text);
        return System.Text.Encoding.ASCII.GetString(text);
    }
}
