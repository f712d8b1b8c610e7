using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using PrivacyProxy.LoadTests.Stall;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>The load tests' <c>stall</c>: the store of docs/finding-a-stall.md.</summary>
public sealed class StallTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replies_are_late_until_it_is_told_to_heal_and_again_when_it_is_told_to_stall(bool ownServer)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var memcached = ownServer ? null : await MemcachedProcess.StartAsync("-m", "64");
        MemcachedEndpoint? upstream = null;
        Assert.True(ownServer || MemcachedEndpoint.TryParse(memcached!.Address, out upstream));
        await using var store = new Conversation(new StallScenario(upstream, 0, TimeSpan.FromMilliseconds(40), beginsHealthy: false), _patience);
        var ready = (await store.ReadAsync()).Split(' ');
        Assert.Equal("ready", ready[0]);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(IPEndPoint.Parse(ready[1]));

        Assert.True(await FastestAsync(client) >= TimeSpan.FromMilliseconds(40));
        Assert.Equal("say 'stall' or 'heal'", await store.SayAsync("get well"));
        Assert.Equal("healthy", await store.SayAsync("heal"));
        Assert.True(await FastestAsync(client) < TimeSpan.FromMilliseconds(40));
        Assert.Equal("stalling: each reply 40 ms late", await store.SayAsync("stall"));
        Assert.True(await FastestAsync(client) >= TimeSpan.FromMilliseconds(40));

        await store.EndAsync();
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPEndPoint.Parse(ready[1])));
    }

    [SkippableFact]
    public async Task It_ends_by_itself_when_its_time_is_over_whoever_still_listens()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var store = new Conversation(new StallScenario(null, 0, TimeSpan.FromMilliseconds(40), beginsHealthy: true), TimeSpan.FromMilliseconds(50));
        Assert.StartsWith("ready 127.0.0.1:", await store.ReadAsync(), StringComparison.Ordinal);
        await store.Ended.WaitAsync(_patience);
    }

    /// <summary>The quickest of a few checks: a busy machine makes single ones late, and none early.</summary>
    private static async Task<TimeSpan> FastestAsync(Socket client)
    {
        var fastest = TimeSpan.MaxValue;
        var reply = new byte[64];
        for (var i = 0; i < 5; i++)
        {
            var sentAt = TimeProvider.System.GetTimestamp();
            await client.SendAsync("get nothing\r\n"u8.ToArray());
            Assert.Equal("END\r\n"u8.ToArray(), reply[..await client.ReceiveAsync(reply)]);
            if (TimeProvider.System.GetElapsedTime(sentAt) is var took && took < fastest) fastest = took;
        }

        return fastest;
    }

    /// <summary>The two streams of a running scenario.</summary>
    private sealed class Conversation : IAsyncDisposable
    {
        private readonly AnonymousPipeServerStream _commands = new(PipeDirection.Out);
        private readonly AnonymousPipeServerStream _answers = new(PipeDirection.In);
        private readonly CancellationTokenSource _end = new();
        private readonly StreamWriter _say;
        private readonly StreamReader _read;

        public Conversation(StallScenario scenario, TimeSpan duration)
        {
            _say = new StreamWriter(_commands) { AutoFlush = true };
            _read = new StreamReader(_answers);
            var commands = new StreamReader(new AnonymousPipeClientStream(PipeDirection.In, _commands.ClientSafePipeHandle));
            var answers = new StreamWriter(new AnonymousPipeClientStream(PipeDirection.Out, _answers.ClientSafePipeHandle));
            Ended = scenario.RunAsync(commands, answers, duration, _end.Token);
        }

        public Task Ended { get; }

        public async Task<string> ReadAsync() => await _read.ReadLineAsync().WaitAsync(_patience) ?? throw new IOException("It says nothing more.");

        public async Task<string> SayAsync(string command)
        {
            await _say.WriteLineAsync(command);
            return await ReadAsync();
        }

        public async Task EndAsync()
        {
            await _end.CancelAsync();
            await Ended.WaitAsync(_patience);
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            await _say.DisposeAsync();
            _read.Dispose();
            _end.Dispose();
        }
    }
}
