using System.Collections.Concurrent;

namespace MsQuic.Tests;

/// <summary>Datagrams (RFC 9221).</summary>
public sealed class DatagramTests
{
    [SkippableFact]
    public async Task Datagrams_of_every_size_arrive_whole_both_ways()
    {
        await using var pair = await QuicPair.StartAsync();
        await EchoesAsync(pair.Client, pair.Server);
        await EchoesAsync(pair.Server, pair.Client);
    }

    [SkippableFact]
    public async Task One_that_is_too_large_for_the_path_is_dropped_and_counted()
    {
        await using var pair = await QuicPair.StartAsync();
        await QuicPair.UntilAsync(() => pair.Client.MaxDatagramSize > 0);
        Assert.False(pair.Client.TrySendDatagram(default, new byte[pair.Client.MaxDatagramSize + 1000]));
        Assert.False(pair.Client.TrySendDatagram(new byte[10], new byte[100_000]));
        Assert.Equal(2, pair.Client.DroppedDatagrams);
    }

    [SkippableFact]
    public async Task Nobody_is_sent_one_who_did_not_say_that_it_takes_them()
    {
        await using var pair = await QuicPair.StartAsync(server: QuicPair.Settings with { Datagrams = false });
        Assert.Equal(0, pair.Client.MaxDatagramSize);
        Assert.False(pair.Client.TrySendDatagram(default, "x"u8));
        // The other way it may.
        var received = new TaskCompletionSource();
        pair.Client.DatagramHandler = _ => received.TrySetResult();
        await QuicPair.UntilAsync(() => pair.Server.MaxDatagramSize > 0);
        Assert.True(pair.Server.TrySendDatagram(default, "x"u8));
        await received.Task.WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task A_flood_is_dropped_beyond_a_bound_and_all_is_accounted_for()
    {
        await using var pair = await QuicPair.StartAsync();
        await QuicPair.UntilAsync(() => pair.Client.MaxDatagramSize > 0);
        const int Count = 20_000;
        var payload = new byte[1000];
        for (var i = 0; i < Count; i++) pair.Client.TrySendDatagram(default, payload);
        await QuicPair.UntilAsync(() => pair.Client.SentDatagrams + pair.Client.DroppedDatagrams == Count);
        Assert.NotEqual(0, pair.Client.DroppedDatagrams);
        // Nobody takes them on the other side, which is counted too; some may be lost.
        await QuicPair.UntilAsync(() => pair.Server.UnhandledDatagrams > 0);
        Assert.InRange(pair.Server.UnhandledDatagrams, 1, pair.Client.SentDatagrams);
    }

    [SkippableFact]
    public async Task What_is_sent_when_the_connection_has_ended_is_dropped()
    {
        await using var pair = await QuicPair.StartAsync();
        await pair.Client.CloseAsync(1).AsTask().WaitAsync(QuicPair.Limit);
        Assert.False(pair.Client.TrySendDatagram(default, "x"u8));
        await pair.Client.DisposeAsync();
        Assert.False(pair.Client.TrySendDatagram(default, "x"u8));
    }

    [SkippableFact]
    public async Task A_handler_that_fails_closes_its_connection_and_nothing_else()
    {
        QuicPair.RequireLibrary();
        var failures = Native.Callbacks.Failures;
        await using var configuration = new Disposables(QuicPair.ForServer(), QuicPair.ForClient());
        await using var listener = QuicPair.Listen(configuration.Server);
        await using var client = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, configuration.Client)).AsTask().WaitAsync(QuicPair.Limit);
        await using var server = (await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit))!;
        server.DatagramHandler = static _ => throw new InvalidOperationException();
        await QuicPair.UntilAsync(() => client.MaxDatagramSize > 0);
        Assert.True(client.TrySendDatagram(default, "x"u8));
        await client.Closed.WaitAsync(QuicPair.Limit);
        await using var another = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, configuration.Client)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal(failures + 1, Native.Callbacks.Failures);
        Native.Callbacks.Forget();
    }

    private static async Task EchoesAsync(QuicConnection from, QuicConnection to)
    {
        var received = new ConcurrentQueue<byte[]>();
        to.DatagramHandler = datagram => received.Enqueue(datagram.ToArray());
        await QuicPair.UntilAsync(() => from.MaxDatagramSize > 0);
        foreach (var size in new[] { 0, 1, 2, 500, 1100, from.MaxDatagramSize })
        {
            var sent = StreamBytes.Random(size);
            received.Clear();
            // Loopback loses none, but a path's limit may change meanwhile.
            Assert.True(from.TrySendDatagram(sent.AsSpan(0, size / 2), sent.AsSpan(size / 2)));
            await QuicPair.UntilAsync(() => !received.IsEmpty);
            Assert.True(received.TryDequeue(out var got));
            Assert.Equal(sent, got);
        }
    }

    private sealed class Disposables(QuicConfiguration server, QuicConfiguration client) : IAsyncDisposable
    {
        public QuicConfiguration Server => server;

        public QuicConfiguration Client => client;

        public ValueTask DisposeAsync()
        {
            server.Dispose();
            client.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
