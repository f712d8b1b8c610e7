namespace PrivacyRelay.Upstream.Http3;

/// <summary>The proxy cannot be asked over HTTP/3 with extended CONNECT; nothing was sent.</summary>
internal sealed class Http3NotSpokenException : IOException
{
    public Http3NotSpokenException(string message, Exception innerException) : base(message, innerException) { }

    public Http3NotSpokenException(string message) : base(message) { }

    public Http3NotSpokenException() : this("The proxy does not speak HTTP/3 with extended CONNECT.") { }
}
