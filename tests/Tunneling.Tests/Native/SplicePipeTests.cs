using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tunneling.Native;

namespace Tunneling.Tests.Native;

public sealed class SplicePipeTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Bytes_go_from_socket_to_socket_whole_and_the_end_is_told()
    {
        var (sender, source) = await PairAsync();
        var (sink, receiver) = await PairAsync();
        var bytes = RandomNumberGenerator.GetBytes(1_000_000);
        var sending = Task.Run(() =>
        {
            sender.Send(bytes);
            sender.Shutdown(SocketShutdown.Send);
        });
        var receiving = Task.Run(() => ReadToEnd(receiver));
        // On one thread, as a loop is one: pipes belong to it.
        await Task.Run(() => Move(source, sink)).WaitAsync(_patience);
        await sending.WaitAsync(_patience);
        Assert.True((await receiving.WaitAsync(_patience)).AsSpan().SequenceEqual(bytes));
        foreach (var socket in new[] { sender, source, sink, receiver }) socket.Dispose();
    }

    [Fact]
    public void A_thread_has_so_many_pipes_and_an_empty_one_comes_back_but_one_with_bytes_does_not() => OnThread(() =>
    {
        var pipes = new List<SplicePipe>();
        while (SplicePipe.Rent() is { } pipe) pipes.Add(pipe);
        Assert.InRange(pipes.Count, 1, 64);
        var last = pipes[^1];
        last.Return();
        Assert.Same(last, SplicePipe.Rent());
        Assert.Null(SplicePipe.Rent());

        var (sender, source) = PairAsync().GetAwaiter().GetResult();
        sender.Send(new byte[] { 1, 2, 3 });
        using var handle = Duplicate(source);
        IoResult filled;
        while ((filled = last.Fill(handle)).Status == IoStatus.WouldBlock) Thread.Yield();
        Assert.Equal((IoStatus.Done, 3, 3), (filled.Status, filled.Value, last.Count));
        last.Return();
        // Its place is free, and nobody gets those bytes.
        var fresh = SplicePipe.Rent();
        Assert.NotNull(fresh);
        Assert.NotSame(last, fresh);
        Assert.Equal(0, fresh.Count);
        pipes[^1] = fresh;
        foreach (var pipe in pipes) pipe.Dispose();
        sender.Dispose();
        source.Dispose();
    });

    [Fact]
    public void A_peer_that_is_gone_is_an_error_and_no_signal_ends_the_process() => OnThread(() =>
    {
        var (sender, source) = PairAsync().GetAwaiter().GetResult();
        var (sink, receiver) = PairAsync().GetAwaiter().GetResult();
        receiver.Close(0);
        sender.Send(new byte[100_000]);
        using var from = Duplicate(source);
        using var to = Duplicate(sink);
        var pipe = SplicePipe.Rent()!;
        var drained = IoResult.WouldBlock;
        while (drained.Status != IoStatus.Failed)
        {
            if (pipe.Count == 0 && pipe.Fill(from).Status != IoStatus.Done) sender.Send(new byte[1]);
            if (pipe.Count > 0) drained = pipe.Drain(to);
        }

        Assert.Contains(drained.Value, new[] { Errno.BrokenPipe, Errno.Reset });
        pipe.Dispose();
        foreach (var socket in new[] { sender, source, sink }) socket.Dispose();
    });

    private static void Move(Socket source, Socket sink)
    {
        using var from = Duplicate(source);
        using var to = Duplicate(sink);
        var pipe = SplicePipe.Rent()!;
        while (true)
        {
            var filled = pipe.Fill(from);
            if (filled.Status == IoStatus.End) break;
            Assert.NotEqual(IoStatus.Failed, filled.Status);
            while (pipe.Count > 0) Assert.NotEqual(IoStatus.Failed, pipe.Drain(to).Status);
            if (filled.Status == IoStatus.WouldBlock) Thread.Yield();
        }

        pipe.Dispose();
        sink.Shutdown(SocketShutdown.Send);
    }

    private static SocketHandle Duplicate(Socket socket)
    {
        socket.Blocking = false;
        Assert.Equal(0, Sockets.Duplicate(socket.SafeHandle, out var copy));
        return copy;
    }

    private static byte[] ReadToEnd(Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[65536];
        for (int count; (count = socket.Receive(buffer)) > 0;) all.Write(buffer, 0, count);
        return all.ToArray();
    }

    private static async Task<(Socket One, Socket Other)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await one.ConnectAsync(listener.LocalEndpoint);
        return (one, await listener.AcceptSocketAsync());
    }

    private static void OnThread(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        Assert.True(thread.Join(_patience), "It did not end.");
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }
}
