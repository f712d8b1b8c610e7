using System.IO.Pipelines;
using Tunneling.Http2.Serving;
using Tunneling.Loops;
using Tunneling.Native;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>What a client sends on a stream, as a pipe that its loop fills. What nobody takes out of it waits in the stream's window.</summary>
internal sealed class StreamInput(Http2StreamChannel channel, AsyncChannel io)
{
    private const int MaxReadAhead = 64 * 1024;
    private const int ReadSize = 16 * 1024;

    // The loop's end needs no scheduler: its waits go on by way of its context.
    private static readonly PipeOptions _options = new(
        readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: MaxReadAhead, resumeWriterThreshold: MaxReadAhead / 2);

    private readonly Pipe _pipe = new(_options);

    public PipeReader Reader => _pipe.Reader;

    /// <summary>Fills it until the client's end, or until nobody reads any more; on the loop.</summary>
    public async Task RunAsync()
    {
        Exception? error = null;
        while (true)
        {
            await io.WaitToReadAsync();
            var result = channel.Read(_pipe.Writer.GetMemory(ReadSize).Span);
            if (result.Status == IoStatus.WouldBlock) continue;
            if (result.Status == IoStatus.Failed) error = new IOException("The client's stream was reset.");
            if (result.Status != IoStatus.Done) break;
            _pipe.Writer.Advance(result.Value);
            var flushed = await _pipe.Writer.FlushAsync();
            if (flushed.IsCompleted) break;
        }

        await _pipe.Writer.CompleteAsync(error);
    }
}
