using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>On a connection of HTTP/1.1 they are written past Kestrel, which has no place for them.</summary>
internal sealed class Http1InterimAnswers(PipeWriter output) : IInterimAnswers
{
    /// <summary>
    /// Null where there are none: for HTTP/1.0, which knows no 1xx, and where Kestrel writes one itself, <c>100 Continue</c>, in the midst of
    /// which these could be.
    /// </summary>
    public static Http1InterimAnswers? Of(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) && context.Request.Headers.Expect.Count == 0 && context.Features.Get<IConnectionTransportFeature>()?.Transport is { } transport
            ? new Http1InterimAnswers(transport.Output)
            : null;

    public async ValueTask SendAsync(int status, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        var head = new StringBuilder("HTTP/1.1 ").Append(status).Append(' ').Append(ReasonPhrases.GetReasonPhrase(status)).Append("\r\n");
        foreach (var (name, value) in fields) head.Append(name).Append(": ").Append(value).Append("\r\n");
        await output.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), cancellationToken);
    }
}
