using System.Globalization;

namespace PrivacyProxy.Requests;

/// <summary>The head of an answer: a status and header fields, in the order they are sent. Server-Timing is added when it is sent.</summary>
internal sealed class TunnelAnswer(int status, params KeyValuePair<string, string>[] headers)
{
    private static readonly KeyValuePair<string, string> _noContent = new("Content-Length", "0");
    private static readonly KeyValuePair<string, string> _plainText = new("Content-Type", "text/plain; charset=utf-8");

    /// <summary>200 opens the tunnel, anything else refuses it.</summary>
    public int Status { get; } = status;

    /// <summary>The error that Proxy-Status names; none when the tunnel opens.</summary>
    public ProxyStatusError Error { get; init; }

    /// <summary>The content of a refusal, plain text in ASCII; empty for none.</summary>
    public byte[] Text { get; init; } = [];

    /// <summary>The fields that describe <see cref="Text"/>.</summary>
    public IEnumerable<KeyValuePair<string, string>> TextFields => Text.Length == 0 ? [_noContent] : [_plainText, new("Content-Length", Text.Length.ToString(CultureInfo.InvariantCulture))];

    /// <summary>The fields to send; a name may come more than once.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [.. headers];
}
