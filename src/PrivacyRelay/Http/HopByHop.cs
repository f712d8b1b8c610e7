using System.Text;

namespace PrivacyRelay.Http;

/// <summary>Fields that are for one connection alone, and are not passed on (RFC 9110, section 7.6.1).</summary>
internal static class HopByHop
{
    private static readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Upgrade", "HTTP2-Settings",
        "Proxy-Authorization", "Proxy-Authenticate", "Proxy-Authentication-Info",
    };

    /// <summary>What a Connection field must not take away: it frames the body, or says whom the message is for.</summary>
    private static readonly HashSet<string> _kept = new(StringComparer.OrdinalIgnoreCase) { "Transfer-Encoding", "Content-Length", "Host" };

    /// <summary>Writes what is to be passed on of a head's fields.</summary>
    /// <param name="to">Gets the lines.</param>
    /// <param name="head">Whose fields.</param>
    /// <param name="writesItself">Names of those that the caller writes.</param>
    public static void AppendEndToEnd(StringBuilder to, HttpHead head, params ReadOnlySpan<string> writesItself)
    {
        var nominated = head.Members("Connection").ToHashSet(StringComparer.OrdinalIgnoreCase);
        nominated.ExceptWith(_kept);
        foreach (var name in writesItself) nominated.Add(name);
        foreach (var (name, value) in head.Fields)
            if (!_names.Contains(name) && !nominated.Contains(name)) to.Append(name).Append(": ").Append(value).Append("\r\n");
    }
}
