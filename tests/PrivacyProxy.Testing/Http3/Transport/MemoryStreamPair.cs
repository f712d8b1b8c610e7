namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A stream as the wire between client and server; a stream of one direction lacks the other.</summary>
/// <param name="Id">As QUIC numbers streams (RFC 9000, section 2.1).</param>
/// <param name="Up">To the server.</param>
/// <param name="Down">To the client.</param>
internal sealed record MemoryStreamPair(long Id, MemoryDirection? Up, MemoryDirection? Down)
{
    /// <summary>The connection is gone, and with it both directions.</summary>
    public void Abort(long code)
    {
        Up?.Reset(code);
        Up?.Stop(code);
        Down?.Reset(code);
        Down?.Stop(code);
    }
}
