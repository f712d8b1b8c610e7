namespace PrivacyProxy.Requests;

/// <summary>The head of an answer: a status and header fields, in the order they are sent. Server-Timing is added when it is sent.</summary>
internal sealed class TunnelAnswer(int status, params KeyValuePair<string, string>[] headers)
{
    /// <summary>200 opens the tunnel, anything else refuses it.</summary>
    public int Status { get; } = status;

    /// <summary>The error that Proxy-Status names; none when the tunnel opens.</summary>
    public ProxyStatusError Error { get; init; }

    /// <summary>The fields to send; a name may come more than once.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [.. headers];
}
