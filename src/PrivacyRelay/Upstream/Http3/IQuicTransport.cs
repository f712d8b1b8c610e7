using MsQuic;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>A connection of many streams, as QUIC has them; what HTTP/3 runs on.</summary>
internal interface IQuicTransport : IAsyncDisposable
{
    /// <summary>Whether it takes datagrams (RFC 9221).</summary>
    bool HasDatagrams => false;

    /// <summary>The largest datagram that can be sent now; 0 when the peer's transport takes none.</summary>
    int MaxDatagramSize => 0;

    /// <summary>Takes datagrams that arrive, on a thread of the transport's.</summary>
    QuicDatagramHandler? DatagramHandler
    {
        set
        {
        }
    }

    /// <summary>Opens a stream: for both directions, or for sending only. Waits while the peer allows no more.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<DuplexStream> OpenAsync(bool bidirectional, CancellationToken cancellationToken);

    /// <summary>Opens a stream for both directions; null when the peer allows no more for now.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<RequestStream?> TryOpenRequestAsync(CancellationToken cancellationToken);

    /// <summary>The next stream that the peer opened.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<DuplexStream> AcceptAsync(CancellationToken cancellationToken);

    /// <summary>Ends it with a code, for what the peer did.</summary>
    void Abort(long code)
    {
    }

    /// <summary>Sends a datagram of two parts, or drops it: false when it did so at once.</summary>
    bool TrySendDatagram(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => false;
}

/// <summary>A stream for a request.</summary>
/// <param name="Stream">Both directions.</param>
/// <param name="Id">Its number (RFC 9000, section 2.1).</param>
internal readonly record struct RequestStream(DuplexStream Stream, long Id);
