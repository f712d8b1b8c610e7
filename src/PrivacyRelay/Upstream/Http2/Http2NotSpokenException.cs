using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http2;

/// <summary>The proxy does not speak HTTP/2 with extended CONNECT.</summary>
internal sealed class Http2NotSpokenException : IOException
{
    private DuplexStream? _connection;

    public Http2NotSpokenException(DuplexStream? connection) : base("The proxy does not speak HTTP/2 with extended CONNECT.") => _connection = connection;

    public Http2NotSpokenException(string message, Exception innerException) : base(message, innerException) { }

    public Http2NotSpokenException(string message) : base(message) { }

    public Http2NotSpokenException() : this(connection: null) { }

    /// <summary>The connection on which it chose HTTP/1.1, once; the caller disposes it. Null when there is none or someone else has it.</summary>
    public DuplexStream? TakeConnection() => Interlocked.Exchange(ref _connection, null);
}
