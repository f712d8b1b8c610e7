namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A client's stream: one reader and one writer at a time.</summary>
internal interface ITransportStream : IAsyncDisposable
{
    /// <summary>0 at the end.</summary>
    /// <exception cref="StreamAbortedException">The server has reset it.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer);

    /// <summary>Waits until the bytes are on their way.</summary>
    /// <exception cref="StreamAbortedException">The server wants no more.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends the direction to the server in order.</summary>
    void CompleteWrites();

    /// <summary>RESET_STREAM.</summary>
    void Reset(long code);

    /// <summary>STOP_SENDING.</summary>
    void StopSending(long code);
}
