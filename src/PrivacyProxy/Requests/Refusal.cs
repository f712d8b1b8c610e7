namespace PrivacyProxy.Requests;

/// <summary>Why a request is not served, before it is known how the proxy calls itself: features give it, whoever answers turns it into an answer.</summary>
/// <param name="Error">The error type of Proxy-Status.</param>
internal sealed record Refusal(ProxyStatusError Error)
{
    /// <summary>The status to answer; by default the one recommended for the error.</summary>
    public int Status { get; init; } = ProxyStatus.RecommendedStatus(Error);

    /// <summary>More for people, in words of the proxy only: never what a client sent.</summary>
    public string? Details { get; init; }

    /// <summary>With dns_error: the name of the DNS response code (RFC 9209, section 2.3.2).</summary>
    public string? Rcode { get; init; }

    /// <summary>Fields beside Proxy-Status, such as challenges.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>What a person is told, in ASCII; null for nothing.</summary>
    public byte[]? Text { get; init; }

    /// <summary>The answer of a proxy of this name: Proxy-Status (RFC 9209), then the fields.</summary>
    public TunnelAnswer ToAnswer(string proxyName) =>
        new(Status, [ProxyStatus.Field(proxyName, Error, Details, Rcode), .. Fields]) { Error = Error, Text = Text ?? [] };
}
