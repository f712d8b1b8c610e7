namespace MsQuic.Tests;

/// <summary>Alone: failures are counted for the whole process, and every other test says that there were none.</summary>
[CollectionDefinition(nameof(CallbackFailureTests), DisableParallelization = true)]
[Collection(nameof(CallbackFailureTests))]
public sealed class CallbackFailureTests
{
    [SkippableFact]
    public async Task A_handler_that_fails_closes_its_connection_and_nothing_else()
    {
        QuicPair.RequireLibrary();
        var failures = Native.Callbacks.Failures;
        using var ofServer = QuicPair.ForServer();
        using var ofClient = QuicPair.ForClient();
        await using var listener = QuicPair.Listen(ofServer);
        await using var client = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, ofClient)).AsTask().WaitAsync(QuicPair.Limit);
        await using var server = (await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit))!;
        server.DatagramHandler = static _ => throw new InvalidOperationException();
        await QuicPair.UntilAsync(() => client.MaxDatagramSize > 0);
        Assert.True(client.TrySendDatagram(default, "x"u8));
        await client.Closed.WaitAsync(QuicPair.Limit);
        await using var another = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, ofClient)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal(failures + 1, Native.Callbacks.Failures);
        Native.Callbacks.Forget();
    }
}
