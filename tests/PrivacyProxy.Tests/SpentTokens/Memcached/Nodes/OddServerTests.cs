using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

/// <summary>What listens at the address of a memcached, or of a router, and is none: on every connection anew.</summary>
public sealed class OddServerTests
{
    /// <summary>How often such a server is seen before the test has seen enough.</summary>
    private const int Connections = 8;

    /// <summary>The shortest wait between two attempts of one loop, and how many loops connect.</summary>
    private const int ShortestWait = 25;
    private const int Loops = 8;

    public static TheoryData<string, string> Replies { get; } = new()
    {
        { "a banner of another protocol", "220 mail.example ESMTP\r\n" },
        { "a banner that would do as a reply", "STORED\r\n" },
        { "bytes of none", "\0\0\0\0" },
        { "a line without an end", new string('x', 100_000) },
        { "a value without an end", "VALUE pp:epoch 0 2147483647\r\n" },
    };

    public static TheoryData<string, string> Answers { get; } = new()
    {
        { "HTTP", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" },
        { "Redis", "-ERR unknown command\r\n" },
        { "always done", "STORED\r\n" },
        { "never done", "NOT_STORED\r\n" },
        { "always nothing", "END\r\n" },
        { "always an error", "ERROR\r\n" },
        { "always the server's error", "SERVER_ERROR out of memory\r\n" },
        { "a marker that is none", "VALUE pp:epoch 0 5\r\nhello\r\nEND\r\n" },
        { "a marker of no time", "VALUE pp:epoch 0 52\r\n00000000000000000000000000000000:9999999999999999999\r\nEND\r\n" },
        { "another key", "VALUE another 0 5\r\nhello\r\nEND\r\n" },
        { "empty lines", "\r\n" },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public Task One_that_speaks_first_is_never_believed_and_not_asked_in_a_hurry(string what, string bytes) => ProveAsync(what, bytes, asked: false);

    [Theory]
    [MemberData(nameof(Answers))]
    public Task One_that_answers_everything_alike_is_never_believed_and_not_asked_in_a_hurry(string what, string bytes) => ProveAsync(what, bytes, asked: true);

    [Fact]
    public Task One_that_hangs_up_at_once_is_never_believed_and_not_asked_in_a_hurry() => ProveAsync("hangs up", "", asked: false);

    private static Task ProveAsync(string what, string bytes, bool asked) =>
        Task.WhenAll(Enum.GetValues<MemcachedTopology>().Select(topology => ProveAsync(topology, what, bytes, asked)));

    private static async Task ProveAsync(MemcachedTopology topology, string what, string bytes, bool asked)
    {
        using var listener = ScriptedServer.Listen(out var endpoint);
        using var stop = new CancellationTokenSource();
        var connections = 0;
        var (first, enough) = (new TaskCompletionSource(), new TaskCompletionSource());
        var serving = ServeAsync();
        using var meter = new ProxyMeter();
        var options = new MemcachedOptions { Topology = topology, Servers = [endpoint.ToString()], Markers = 4 };
        var began = Stopwatch.GetTimestamp();
        await using (var store = new MemcachedSpentTokenStore(options, new SpentTokenMetrics(meter), TimeProvider.System, NullLogger<MemcachedSpentTokenStore>.Instance))
        {
            var token = TestTokens.Token(1, DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds());
            await first.Task.WaitAsync(TestTimes.Limit);
            // What answers may keep its connections: then there will not be so many.
            await Task.WhenAny(enough.Task, Task.Delay(TimeSpan.FromMilliseconds(200)));
            Assert.Equal((what, SpendOutcome.Unavailable), (what, await store.LookUpAsync(token, CancellationToken.None)));
            Assert.Equal((what, SpendOutcome.Unavailable), (what, await store.SpendAsync(token, CancellationToken.None)));
            Assert.False(store.IsReady, what);
            Assert.Contains(endpoint.ToString(), store.NotReady, StringComparison.Ordinal);
        }

        var most = Loops * (2 + Stopwatch.GetElapsedTime(began).TotalMilliseconds / ShortestWait);
        Assert.True(connections > 0 && connections < most, $"{what}: {connections} connections, at most {most:0} are expected");
        await stop.CancelAsync();
        await serving;

        async Task ServeAsync()
        {
            var served = new List<Task>();
            try
            {
                while (true)
                {
                    var socket = await listener.AcceptAsync(stop.Token);
                    first.TrySetResult();
                    if (Interlocked.Increment(ref connections) == Connections) enough.SetResult();
                    served.Add(AnswerAsync(socket));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(served);
            }
        }

        async Task AnswerAsync(Socket socket)
        {
            using var _ = socket;
            var buffer = new byte[4096];
            try
            {
                if (!asked) await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), stop.Token);
                if (bytes.Length == 0) return;
                while (await socket.ReceiveAsync(buffer, stop.Token) > 0)
                    if (asked) await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), stop.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The store has gone, as it should.
            }
        }
    }
}
