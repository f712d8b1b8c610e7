using System.Text;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.HttpConnect;

/// <summary>An answer of the relay itself: a status, a sentence, and for failures upstream a Proxy-Status (RFC 9209).</summary>
internal sealed class ErrorAnswer(int status, string text, string? proxyStatus = null)
{
    public int Status { get; } = status;

    public string Text { get; } = text;

    /// <summary>What a failed tunnel means in HTTP; the proxy's own Proxy-Status comes first, as the one nearer to the origin.</summary>
    public static ErrorAnswer Of(TunnelException failure)
    {
        var own = "privacy-relay; error=" + ErrorType(failure.Error);
        if (failure.ProxyAnswered is { } answered) own += $"; received-status={answered}";
        var status = failure.Error == TunnelError.TimedOut ? 504 : 502;
        return new ErrorAnswer(status, failure.Message, failure.ProxyStatus is null ? own : failure.ProxyStatus + ", " + own);
    }

    public byte[] ToBytes()
    {
        var body = Text + "\n";
        var head = new StringBuilder($"HTTP/1.1 {Status} {Reason(Status)}\r\n");
        if (proxyStatus is not null) head.Append("Proxy-Status: ").Append(proxyStatus).Append("\r\n");
        head.Append($"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n");
        return Encoding.UTF8.GetBytes(head.Append(body).ToString());
    }

    private static string ErrorType(TunnelError error) => error switch
    {
        TunnelError.ProxyNotTrusted => "tls_certificate_error",
        TunnelError.NotAuthorized or TunnelError.Denied => "http_request_denied",
        TunnelError.NoTokens => "proxy_internal_error",
        TunnelError.HostUnreachable => "destination_unavailable",
        TunnelError.ConnectionRefused => "connection_refused",
        TunnelError.TimedOut => "connection_timeout",
        TunnelError.ProxyUnreachable => "destination_unavailable",
        _ => "http_protocol_error",
    };

    private static string Reason(int status) => status switch
    {
        400 => "Bad Request",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    };
}
