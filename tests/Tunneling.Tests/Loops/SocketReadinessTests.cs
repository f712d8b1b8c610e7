using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tunneling.Loops;

namespace Tunneling.Tests.Loops;

public sealed class SocketReadinessTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly EventLoop _loop;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
    private readonly Socket _peer = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SocketReadiness _readiness;

    public SocketReadinessTests()
    {
        _loop = new EventLoop("test", _failures.Enqueue);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _peer.Connect(_socket.LocalEndPoint!);
        _readiness = new SocketReadiness(_loop, _socket);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _peer.Dispose();
        _loop.Dispose();
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task Who_reads_until_it_would_block_and_waits_misses_nothing()
    {
        const int Count = 20_000;
        var reading = _loop.RunAsync(async () =>
        {
            var (expected, buffer) = (0, new byte[4]);
            while (expected < Count)
            {
                await _readiness.WaitAsync();
                Assert.True(_loop.IsCurrent);
                while (_socket.Receive(buffer, SocketFlags.None, out var error) > 0 && error == SocketError.Success) Assert.Equal(expected++, BitConverter.ToInt32(buffer));
            }

            return expected;
        });
        // A few at a time: loopback drops what the buffer has no room for.
        for (var i = 0; i < Count && !reading.IsCompleted; i++)
        {
            await _peer.SendAsync(BitConverter.GetBytes(i));
            if (i % 50 == 49) await UntilReadAsync(reading);
        }

        Assert.Equal(Count, await reading);
    }

    [Fact]
    public async Task The_first_wait_is_over_at_once_and_the_next_when_something_comes()
    {
        await _loop.RunAsync(async () =>
        {
            await _readiness.WaitAsync();
            var waiting = _readiness.WaitAsync();
            Assert.False(waiting.IsCompleted);
            await _peer.SendAsync(new byte[1]);
            await waiting;
            return 0;
        });
    }

    [Fact]
    public async Task Who_waits_for_a_socket_that_is_closed_is_told_and_nothing_stays_watched()
    {
        var waiting = await BeginWaitAsync();
        Assert.Equal(1, _loop.Watched);
        _socket.Close(0);
        _readiness.Close();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Equal(0, _loop.Watched);
        // Who comes later too.
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _loop.RunAsync(async () =>
        {
            await _readiness.WaitAsync();
            return 0;
        }));
        _readiness.Close();
    }

    [Fact]
    public async Task A_socket_closed_before_it_was_watched_cannot_be_waited_for()
    {
        _socket.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _loop.RunAsync(async () =>
        {
            await _readiness.WaitAsync();
            return 0;
        }));
        Assert.Equal(0, _loop.Watched);
    }

    [Fact]
    public async Task The_loops_end_ends_the_wait()
    {
        var waiting = await BeginWaitAsync();
        _loop.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    /// <summary>Somebody waits, and nothing comes.</summary>
    private async Task<Task> BeginWaitAsync()
    {
        var isWaiting = new TaskCompletionSource();
        var waiting = _loop.RunAsync(async () =>
        {
            await _readiness.WaitAsync();
            var wait = _readiness.WaitAsync();
            isWaiting.SetResult();
            await wait;
            return 0;
        });
        await isWaiting.Task.WaitAsync(_patience);
        return waiting;
    }

    private async Task UntilReadAsync(Task reading)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (_socket.Available > 0 && !reading.IsCompleted) await Task.Delay(1, limit.Token);
    }
}
