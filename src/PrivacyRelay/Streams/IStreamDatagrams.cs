namespace PrivacyRelay.Streams;

/// <summary>HTTP Datagrams that travel beside a request's stream (RFC 9297, section 2.1), without the first part that says whose they are.</summary>
internal interface IStreamDatagrams
{
    /// <summary>Sends one of two parts, or drops it as a network does: false then.</summary>
    bool Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload);

    /// <summary>Who takes those that arrive, on a thread of the transport's.</summary>
    void Open(Action<ReadOnlyMemory<byte>> receiver);
}
