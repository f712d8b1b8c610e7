namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A client's connection of streams: in memory or QUIC.</summary>
internal interface ITransportConnection : IAsyncDisposable
{
    /// <summary>Opens a stream: for both directions, or for sending only.</summary>
    ValueTask<ITransportStream> OpenAsync(bool bidirectional);

    /// <summary>The next stream that the server opened.</summary>
    /// <exception cref="StreamAbortedException">The connection has ended.</exception>
    ValueTask<ITransportStream> AcceptAsync();

    /// <summary>Closes it with a code of the application's.</summary>
    ValueTask CloseAsync(long code);
}
