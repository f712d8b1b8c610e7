namespace MsQuic;

/// <summary>A connection or stream has failed.</summary>
public sealed class QuicException : IOException
{
    internal QuicException(QuicError error, string message, long? applicationErrorCode = null, long? transportErrorCode = null, Exception? inner = null)
        : base(message, inner) => (Error, ApplicationErrorCode, TransportErrorCode) = (error, applicationErrorCode, transportErrorCode);

    /// <summary>What went wrong.</summary>
    public QuicError Error { get; }

    /// <summary>The application's code that the peer sent, for <see cref="QuicError.ConnectionAborted"/> and <see cref="QuicError.StreamAborted"/>.</summary>
    public long? ApplicationErrorCode { get; }

    /// <summary>The code of RFC 9000, section 20.1, where there was one.</summary>
    public long? TransportErrorCode { get; }

    internal static QuicException ConnectionAborted(long code) => new(QuicError.ConnectionAborted, $"The peer closed the connection (0x{code:x}).", code);

    internal static QuicException StreamAborted(long code) => new(QuicError.StreamAborted, $"The peer aborted the stream (0x{code:x}).", code);

    internal static QuicException Aborted(string what) => new(QuicError.OperationAborted, what);
}
