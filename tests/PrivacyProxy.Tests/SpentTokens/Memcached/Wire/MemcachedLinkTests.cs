using PrivacyProxy.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

/// <summary>A connection against real memcached.</summary>
public sealed class MemcachedLinkTests
{
    private static readonly long Tomorrow = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();

    [SkippableFact]
    public async Task A_key_is_added_once_and_found_afterwards()
    {
        await using var server = await StartAsync();
        await using var link = await ConnectAsync(server.Address);
        var key = TestKeys.Next();
        Assert.Equal(MemcachedReply.Miss, await link.GetAsync(key));
        Assert.Equal(MemcachedReply.Stored, await link.AddAsync(key, Tomorrow));
        Assert.Equal(MemcachedReply.NotStored, await link.AddAsync(key, Tomorrow));
        Assert.Equal(MemcachedReply.Hit, await link.GetAsync(key));
    }

    [SkippableFact]
    public async Task Thousands_of_concurrent_commands_each_get_their_own_reply()
    {
        await using var server = await StartAsync();
        await using var link = await ConnectAsync(server.Address);
        var keys = TestKeys.Next(5000);
        var added = await Task.WhenAll(keys.Select(key => link.AddAsync(key, Tomorrow).AsTask()));
        Assert.All(added, reply => Assert.Equal(MemcachedReply.Stored, reply));
        var asked = await Task.WhenAll(keys.Select((key, i) => link.GetAsync(i % 2 == 0 ? key : TestKeys.Next()).AsTask()));
        for (var i = 0; i < keys.Length; i++) Assert.Equal(i % 2 == 0 ? MemcachedReply.Hit : MemcachedReply.Miss, asked[i]);
    }

    [SkippableFact]
    public async Task Text_commands_give_the_whole_reply()
    {
        await using var server = await StartAsync();
        await using var link = await ConnectAsync(server.Address);
        Assert.StartsWith("VERSION ", await link.ReadTextAsync("version"));
        Assert.Contains("STAT evictions on\r\n", await link.ReadTextAsync("stats settings"));
        Assert.Equal("END\r\n", await link.ReadTextAsync("get pp:epoch"));
        Assert.Equal(MemcachedReply.Stored, await link.AddTextAsync("pp:epoch", "abc:1", 0));
        Assert.Equal(MemcachedReply.NotStored, await link.AddTextAsync("pp:epoch", "def:2", 0));
        Assert.Equal("VALUE pp:epoch 0 5\r\nabc:1\r\nEND\r\n", await link.ReadTextAsync("get pp:epoch"));
        Assert.Null(await link.ReadTextAsync("nonsense"));
        Assert.True(link.IsOpen);
    }

    private static async Task<MemcachedProcess> StartAsync()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        return await MemcachedProcess.StartAsync();
    }

    private static Task<MemcachedLink> ConnectAsync(string address)
    {
        Assert.True(MemcachedEndpoint.TryParse(address, out var endpoint));
        return MemcachedLink.ConnectAsync(endpoint, new MemcachedLinkOptions { Deadline = TimeSpan.FromSeconds(30) }, CancellationToken.None);
    }
}
