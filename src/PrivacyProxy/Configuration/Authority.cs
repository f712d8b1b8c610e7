using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Configuration;

/// <summary>A host name or address with an optional port, as names of proxies and issuers are: usable in certificates, challenges and fields.</summary>
internal static class Authority
{
    public static bool IsValid(string text)
    {
        var bracket = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        var host = colon > bracket ? text[..colon] : text;
        if (colon > bracket && !(ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)) return false;
        if (host is ['[', .. var inner, ']']) return IPAddress.TryParse(inner, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !inner.Contains('%', StringComparison.Ordinal);
        return host.Length is > 0 and <= 253
            && host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            && host.Split('.').All(static label => label.Length is > 0 and <= 63);
    }
}
