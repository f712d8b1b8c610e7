using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>An answer as HTTP/1.1 writes it: the head, and with a refusal what it says.</summary>
internal static class Http1Answer
{
    public static byte[] Write(TunnelAnswer answer, KeyValuePair<string, string> serverTiming, bool closes)
    {
        var head = new StringBuilder(256)
            .Append("HTTP/1.1 ").Append(answer.Status).Append(' ').Append(ReasonPhrases.GetReasonPhrase(answer.Status)).Append("\r\n");
        foreach (var (name, value) in answer.Headers.Append(serverTiming)) head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (!closes) return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
        foreach (var (name, value) in answer.TextFields) head.Append(name).Append(": ").Append(value).Append("\r\n");
        head.Append("Connection: close\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. answer.Text];
    }
}
