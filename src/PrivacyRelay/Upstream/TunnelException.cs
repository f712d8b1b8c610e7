namespace PrivacyRelay.Upstream;

/// <summary>A tunnel could not be opened. The message is for the local program: it names no destination and no token.</summary>
internal sealed class TunnelException : Exception
{
    public TunnelException(TunnelError error, string message, Exception? innerException = null) : base(message, innerException) => Error = error;

    public TunnelException(string message, Exception innerException) : this(TunnelError.ProxyFailed, message, innerException) { }

    public TunnelException(string message) : this(TunnelError.ProxyFailed, message) { }

    public TunnelException() : this("The tunnel could not be opened.") { }

    public TunnelError Error { get; }

    /// <summary>The status the proxy answered with; null when there was none.</summary>
    public int? ProxyAnswered { get; init; }

    /// <summary>The proxy's own Proxy-Status field, to be passed on; null when there was none.</summary>
    public string? ProxyStatus { get; init; }
}
