using System.Text;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.HttpProxy;

/// <summary>An answer of the relay itself, after which the connection closes: a status, a text, and for failures upstream a Proxy-Status (RFC 9209).</summary>
internal sealed class RelayAnswer(int status, string text, string? proxyStatus = null)
{
    /// <summary>What a request tells about its sender is not repeated (RFC 9110, section 9.3.8).</summary>
    private static readonly HashSet<string> _secrets = new(StringComparer.OrdinalIgnoreCase) { "Authorization", "Proxy-Authorization", "Cookie" };

    public int Status { get; } = status;

    public string Text { get; } = text;

    /// <summary>Who may use it has a name and a password.</summary>
    public static RelayAnswer AskForPassword { get; } = new(407, "This relay asks for a user and a password.\n") { Challenge = "Basic realm=\"privacy-relay\", charset=\"UTF-8\"" };

    /// <summary>The file for browsers.</summary>
    public static RelayAnswer Script(string script) => new(200, script) { ContentType = ProxyScript.MediaType };

    private string? Challenge { get; init; }

    private string ContentType { get; init; } = "text/plain; charset=utf-8";

    /// <summary>What a failed tunnel means in HTTP; the proxy's own Proxy-Status comes first, as the one nearer to the origin.</summary>
    public static RelayAnswer Of(TunnelException failure)
    {
        var own = "privacy-relay; error=" + ErrorType(failure.Error);
        if (failure.ProxyAnswered is { } answered) own += $"; received-status={answered}";
        var status = failure.Error == TunnelError.TimedOut ? 504 : 502;
        return new RelayAnswer(status, failure.Message + "\n", failure.ProxyStatus is null ? own : failure.ProxyStatus + ", " + own);
    }

    /// <summary>An origin that does not speak as it should, or not at all.</summary>
    public static RelayAnswer OfOrigin(string text) => new(502, text + "\n", "privacy-relay; error=http_protocol_error");

    /// <summary>To a request that may go no further (RFC 9110, section 7.6.2): TRACE sees itself, OPTIONS that someone is here.</summary>
    public static RelayAnswer AsLastRecipient(LocalRequest request)
    {
        if (request.Method != "TRACE") return new RelayAnswer(200, "");
        var message = new StringBuilder(request.Head.StartLine).Append("\r\n");
        foreach (var (name, value) in request.Head.Fields)
            if (!_secrets.Contains(name)) message.Append(name).Append(": ").Append(value).Append("\r\n");
        return new RelayAnswer(200, message.Append("\r\n").ToString()) { ContentType = "message/http" };
    }

    /// <param name="isHead">Whether HEAD is answered, which gets no content.</param>
    public byte[] ToBytes(bool isHead = false)
    {
        var body = Encoding.Latin1.GetBytes(Text);
        var head = new StringBuilder($"HTTP/1.1 {Status} {Reason(Status)}\r\n");
        if (proxyStatus is not null) head.Append("Proxy-Status: ").Append(proxyStatus).Append("\r\n");
        if (Challenge is not null) head.Append("Proxy-Authenticate: ").Append(Challenge).Append("\r\n");
        if (body.Length > 0) head.Append("Content-Type: ").Append(ContentType).Append("\r\n");
        head.Append($"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. isHead ? [] : body];
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
        200 => "OK",
        400 => "Bad Request",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    };
}
