using System.Buffers;
using System.Text;
using Microsoft.Extensions.Primitives;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>
/// Reads the head of an HTTP/1.1 CONNECT (RFC 9112, sections 3 and 5), strictly: what two parsers could read differently is refused,
/// since a rejected head must never leave bytes that mean something else to someone behind or before the proxy.
/// </summary>
internal ref struct ConnectHeadParser
{
    private static readonly SearchValues<byte> _tokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    // Everything but controls (a tab is fine) in a field value; bytes over 127 are obs-text.
    private static readonly SearchValues<byte> _controls = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(b => b != '\t').Select(b => (byte)b), 127]);

    private ReadOnlySpan<byte> _rest;
    private StringValues _proxyAuthorization;
    private StringValues _authorization;
    private StringValues _geohash;
    private StringValues _traceParent;
    private string? _host;

    private ConnectHeadParser(ReadOnlySpan<byte> head) => _rest = head;

    /// <summary>Parses a whole head, from "CONNECT " to the empty line. Returns what is wrong, or null and the head.</summary>
    public static InvalidRequest? Parse(ReadOnlySpan<byte> head, int maxFields, out ConnectHead? result) =>
        new ConnectHeadParser(head).Parse(maxFields, out result);

    private InvalidRequest? Parse(int maxFields, out ConnectHead? result)
    {
        result = null;
        if (!TryReadLine(out var line) || !TrySplitRequestLine(line, out var authority, out var isHttp11))
            return Malformed("malformed request line");
        for (var fields = 0; TryReadLine(out line) && !line.IsEmpty; fields++)
        {
            if (fields == maxFields) return new InvalidRequest(StatusCodes.Status431RequestHeaderFieldsTooLarge, "too many fields");
            if (ReadField(line) is { } wrong) return wrong;
        }

        if (!_rest.IsEmpty) return Malformed("malformed field");
        var target = Encoding.Latin1.GetString(authority);
        var error = TunnelTargetParser.TryParse(target, out var parsed);
        if (error != TunnelTargetError.None) return InvalidRequest.Of(error);
        if (_host is null ? isHttp11 : !IsHostOf(target, _host)) return Malformed("Host is missing or not the target");
        result = new ConnectHead(parsed!, new TunnelCredentials(_proxyAuthorization, _authorization), _geohash, _traceParent);
        return null;
    }

    private static InvalidRequest Malformed(string details) => new(StatusCodes.Status400BadRequest, details);

    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        var end = _rest.IndexOf("\r\n"u8);
        line = end < 0 ? default : _rest[..end];
        if (end >= 0) _rest = _rest[(end + 2)..];
        return end >= 0;
    }

    private static bool TrySplitRequestLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> authority, out bool isHttp11)
    {
        authority = default;
        isHttp11 = line.EndsWith(" HTTP/1.1"u8);
        if (!line.StartsWith("CONNECT "u8) || !(isHttp11 || line.EndsWith(" HTTP/1.0"u8))) return false;
        var end = line.Length - " HTTP/1.x".Length;
        if (end < "CONNECT ".Length) return false;
        authority = line["CONNECT ".Length..end];
        return !authority.ContainsAny(_controls) && !authority.Contains((byte)' ');
    }

    private InvalidRequest? ReadField(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        // Also refuses folded lines and whitespace before the colon (RFC 9112, sections 5.1 and 5.2).
        if (colon <= 0 || line[..colon].ContainsAnyExcept(_tokenBytes)) return Malformed("malformed field");
        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (value.ContainsAny(_controls)) return Malformed("malformed field");

        if (Is(name, "proxy-authorization"u8)) _proxyAuthorization = Append(_proxyAuthorization, value);
        else if (Is(name, "authorization"u8)) _authorization = Append(_authorization, value);
        else if (Is(name, "sec-ch-geohash"u8)) _geohash = Append(_geohash, value);
        else if (Is(name, "traceparent"u8)) _traceParent = Append(_traceParent, value);
        else if (Is(name, "host"u8))
        {
            if (_host is not null) return Malformed("more than one Host");
            _host = Encoding.Latin1.GetString(value);
        }
        else if (Is(name, "transfer-encoding"u8) || (Is(name, "content-length"u8) && !value.SequenceEqual("0"u8)))
        {
            // CONNECT has no content (RFC 9110, section 9.3.6): whoever frames some would disagree about where the tunnel begins.
            return Malformed("CONNECT with content");
        }

        return null;
    }

    private static StringValues Append(StringValues values, ReadOnlySpan<byte> value) =>
        StringValues.Concat(values, Encoding.Latin1.GetString(value));

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lowerCase) => Ascii.EqualsIgnoreCase(name, lowerCase);

    /// <summary>The same authority (RFC 9112, section 3.2); some clients leave out the port, which names the same host.</summary>
    private static bool IsHostOf(string target, string host)
    {
        if (string.Equals(target, host, StringComparison.OrdinalIgnoreCase)) return true;
        return target.AsSpan(0, target.LastIndexOf(':')).Equals(host, StringComparison.OrdinalIgnoreCase);
    }
}
