using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>The head of an answer as HTTP/1.1 writes it.</summary>
internal static class Http1Answer
{
    public static byte[] Write(TunnelAnswer answer, KeyValuePair<string, string> serverTiming, bool closes)
    {
        var head = new StringBuilder(256)
            .Append("HTTP/1.1 ").Append(answer.Status).Append(' ').Append(ReasonPhrases.GetReasonPhrase(answer.Status)).Append("\r\n");
        foreach (var (name, value) in answer.Headers.Append(serverTiming)) head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (closes) head.Append("Content-Length: 0\r\nConnection: close\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }
}
