using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Wire;

/// <summary>A connection against real memcached.</summary>
public sealed class MemcachedLinkTests
{
    private static readonly long _tomorrow = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();

    [SkippableFact]
    public async Task A_key_is_added_once_and_found_afterwards()
    {
        await using var server = await StartAsync();
        await using var link = await ConnectAsync(server);
        await AddsOnceAsync(link);
    }

    [SkippableFact]
    public async Task A_unix_socket_serves_as_well()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var directory = Directory.CreateTempSubdirectory("pp-mc");
        try
        {
            await using var server = await MemcachedProcess.StartOnUnixSocketAsync(Path.Combine(directory.FullName, "s"));
            await using var link = await ConnectAsync(server);
            await AddsOnceAsync(link);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public async Task Thousands_of_concurrent_commands_each_get_their_own_reply()
    {
        await using var server = await StartAsync();
        await using var link = await ConnectAsync(server);
        var keys = TestKeys.Next(5000);
        var added = await Task.WhenAll(keys.Select(key => link.AddAsync(key, _tomorrow).AsTask()));
        Assert.All(added, reply => Assert.Equal(MemcachedReply.Stored, reply));
        var asked = await Task.WhenAll(keys.Select((key, i) => link.GetAsync(i % 2 == 0 ? key : TestKeys.Next()).AsTask()));
        for (var i = 0; i < keys.Length; i++) Assert.Equal(i % 2 == 0 ? MemcachedReply.Hit : MemcachedReply.Miss, asked[i]);
    }

    [SkippableFact]
    public async Task Of_many_racing_adds_of_one_key_one_wins()
    {
        await using var server = await StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        foreach (var key in TestKeys.Next(200))
        {
            var racing = Enumerable.Range(0, 16).Select(i => Task.Run(async () => await (i % 2 == 0 ? one : other).AddAsync(key, _tomorrow)));
            var replies = await Task.WhenAll(racing);
            Assert.Single(replies, MemcachedReply.Stored);
            Assert.Equal(15, replies.Count(reply => reply == MemcachedReply.NotStored));
        }
    }

    [SkippableFact]
    public async Task Text_commands_give_the_whole_reply()
    {
        await using var server = await StartAsync();
        await using var link = await ConnectAsync(server);
        Assert.StartsWith("VERSION ", await link.ReadTextAsync("version"));
        Assert.Contains("STAT evictions on\r\n", await link.ReadTextAsync("stats settings"));
        Assert.Equal("END\r\n", await link.ReadTextAsync("get pp:epoch"));
        Assert.Equal(MemcachedReply.Stored, await link.AddTextAsync("pp:epoch", "abc:1", 0));
        Assert.Equal(MemcachedReply.NotStored, await link.AddTextAsync("pp:epoch", "def:2", 0));
        Assert.Equal("VALUE pp:epoch 0 5\r\nabc:1\r\nEND\r\n", await link.ReadTextAsync("get pp:epoch"));
        Assert.Null(await link.ReadTextAsync("nonsense"));
        Assert.True(link.IsOpen);
    }

    [SkippableFact]
    public async Task A_server_out_of_memory_fails_adds_and_goes_on_answering_in_order()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var server = await MemcachedProcess.StartAsync("-M", "-m", "2");
        await using var link = await ConnectAsync(server);
        var replies = await Task.WhenAll(TestKeys.Next(60_000).Chunk(4000).Select(async keys =>
        {
            var last = MemcachedReply.Closed;
            foreach (var key in keys)
            {
                last = await link.AddAsync(key, _tomorrow);
                var found = await link.GetAsync(key);
                if ((last, found) is not ((MemcachedReply.Stored, MemcachedReply.Hit) or (MemcachedReply.Failed, MemcachedReply.Miss))) return MemcachedReply.Closed;
            }

            return last;
        }));
        Assert.DoesNotContain(MemcachedReply.Closed, replies);
        Assert.Contains(MemcachedReply.Failed, replies);
        Assert.True(link.IsOpen);
    }

    [SkippableFact]
    public async Task A_killed_server_closes_the_connection()
    {
        await using var server = await StartAsync();
        await using var link = await ConnectAsync(server);
        Assert.Equal(MemcachedReply.Miss, await link.GetAsync(TestKeys.Next()));
        await server.KillAsync();
        Assert.NotEqual(MemcachedCloseReason.Disposed, await link.Closed);
        Assert.Equal(MemcachedReply.Closed, await link.GetAsync(TestKeys.Next()));
        Assert.False(link.IsOpen);
    }

    internal static Task<MemcachedLink> ConnectAsync(MemcachedProcess server)
    {
        Assert.True(MemcachedEndpoint.TryParse(server.Address, out var endpoint));
        return MemcachedLink.ConnectAsync(endpoint, new MemcachedLinkOptions { Deadline = TimeSpan.FromMinutes(1), ConnectTimeout = TimeSpan.FromMinutes(1) }, CancellationToken.None);
    }

    internal static Task<MemcachedProcess> StartAsync()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        return MemcachedProcess.StartAsync();
    }

    private static async Task AddsOnceAsync(MemcachedLink link)
    {
        var key = TestKeys.Next();
        Assert.Equal(MemcachedReply.Miss, await link.GetAsync(key));
        Assert.Equal(MemcachedReply.Stored, await link.AddAsync(key, _tomorrow));
        Assert.Equal(MemcachedReply.NotStored, await link.AddAsync(key, _tomorrow));
        Assert.Equal(MemcachedReply.Hit, await link.GetAsync(key));
    }
}
