namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>The client's end of a stream in memory.</summary>
internal sealed class MemoryClientStream(MemoryStreamPair pair) : ITransportStream
{
    public ValueTask<int> ReadAsync(Memory<byte> buffer) => pair.Down!.ReadAsync(buffer);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => pair.Up!.WriteAsync(bytes);

    public void CompleteWrites() => pair.Up!.CompleteWrites();

    public void Reset(long code) => pair.Up?.Reset(code);

    public void StopSending(long code) => pair.Down?.Stop(code);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
