using System.Net.Sockets;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Listener;

/// <summary>A program that resets its connection while nobody reads from it.</summary>
public sealed class HangUpTests : RelayTests
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_while_the_upload_is_stalled_ends_the_tunnel(bool isSocks)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux tells");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var origin = new LoopbackServer(async (socket, cancellationToken) =>
        {
            // Reads nothing until the tunnel is reset, which its peer's end of the connection shows.
            while (!socket.Poll(0, SelectMode.SelectError) && IsOpen(socket)) await Task.Delay(20, cancellationToken);
            ended.TrySetResult();
        });
        await using var client = await Relay.ConnectAsync();
        if (isSocks) Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", origin.Port));
        else await client.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"POST http://origin.example:{origin.Port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"));
        await StallAsync(client);
        client.Socket.Close(timeout: 0);
        await ended.Task.WaitAsync(TestRelay.Patience);
    }

    [Fact]
    public async Task An_end_of_one_direction_while_the_upload_is_stalled_loses_nothing()
    {
        const int Size = 30_000_000;
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long received = 0;
        await using var origin = new LoopbackServer(async (socket, cancellationToken) =>
        {
            await read.Task.WaitAsync(cancellationToken);
            var buffer = new byte[65_536];
            int count;
            while ((count = await socket.ReceiveAsync(buffer, cancellationToken)) > 0) received += count;
            await socket.SendAsync("whole"u8.ToArray(), cancellationToken);
        });
        await using var client = await Relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", origin.Port));
        var sending = Task.Run(async () =>
        {
            await client.WriteAsync(new byte[Size]);
            client.Socket.Shutdown(SocketShutdown.Send);
        });
        await Task.WhenAny(sending, Task.Delay(300));
        read.SetResult();
        Assert.Equal("whole", await TestRelay.ReadToEndAsync(client));
        Assert.Equal(Size, received);
    }

    /// <summary>Writes until nothing goes any more.</summary>
    private static async Task StallAsync(NetworkStream client)
    {
        var chunk = new byte[256 * 1024];
        while (true)
        {
            var writing = client.WriteAsync(chunk).AsTask();
            if (await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(1))) == writing) continue;
            _ = writing.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
            return;
        }
    }

    /// <summary>Takes a byte at a time, so that the upload stays stalled, and sees a reset that way.</summary>
    private static bool IsOpen(Socket socket)
    {
        try
        {
            socket.Send([0]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
