using System.Globalization;
using PrivacyRelay.Http;

namespace PrivacyRelay.Upstream;

/// <summary>A proxy's answer to a request for a tunnel.</summary>
internal sealed class ConnectResponse
{
    /// <summary>Opens a tunnel asked for with Upgrade.</summary>
    public const int SwitchingProtocols = 101;

    private readonly Func<string, IEnumerable<string>> _values;

    private ConnectResponse(int status, Func<string, IEnumerable<string>> values)
    {
        Status = status;
        _values = values;
        Challenges = [.. values("Proxy-Authenticate"), .. values("WWW-Authenticate")];
        var members = values("Proxy-Status").Where(value => value.All(char.IsAscii)).ToArray();
        ProxyStatus = members.Length == 0 ? null : string.Join(", ", members);
    }

    public int Status { get; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The fields as sent, each with any number of challenges: a proxy's for CONNECT, a resource's for tunnels at a path.</summary>
    public IReadOnlyList<string> Challenges { get; }

    /// <summary>The fields as one list; null when there was none.</summary>
    public string? ProxyStatus { get; }

    /// <summary>The values of a field, as sent.</summary>
    public IReadOnlyList<string> Values(string name) => [.. _values(name)];

    /// <summary>Whether there is no such resource or method here, whatever the destination.</summary>
    public bool IsUnknownResource => Status is 404 or 405 or 501 && !Names("dns_") && !Names("destination_");

    /// <summary>An answer whose fields were read, names in small letters.</summary>
    public static ConnectResponse Of(int status, ILookup<string, string> fields) => new(status, name => fields[name.ToLowerInvariant()]);

    /// <summary>An answer that HTTP/2 brought.</summary>
    public static ConnectResponse Of(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        name => response.Headers.NonValidated.TryGetValues(name, out var values) ? values : []);

    /// <summary>Null when the head is not an HTTP/1.x response.</summary>
    public static ConnectResponse? Parse(ReadOnlySpan<byte> bytes)
    {
        if (HttpHead.Parse(bytes) is not { } head) return null;
        var line = head.StartLine;
        return line.Length >= 12 && line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line[8] == ' '
            && (line.Length == 12 || line[12] == ' ')
            && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status >= 100
            ? new ConnectResponse(status, head.Values)
            : null;
    }

    /// <summary>The failure this answer means for the local program.</summary>
    public TunnelException ToException(string proxy)
    {
        var error = ErrorOf();
        return new TunnelException(error, $"{proxy} answered {Status}: {Explain(error)}") { ProxyAnswered = Status, ProxyStatus = ProxyStatus };
    }

    private TunnelError ErrorOf()
    {
        if (Names("connection_refused")) return TunnelError.ConnectionRefused;
        if (Names("destination_ip_prohibited") || Names("http_request_denied")) return TunnelError.Denied;
        if (Names("dns_error") || Names("destination_not_found") || Names("destination_ip_unroutable")) return TunnelError.HostUnreachable;
        return Status switch
        {
            401 or 407 => TunnelError.NotAuthorized,
            403 => TunnelError.Denied,
            504 => TunnelError.TimedOut,
            _ => TunnelError.ProxyFailed,
        };
    }

    private bool Names(string error) => ProxyStatus?.Contains("error=" + error, StringComparison.Ordinal) == true;

    private static string Explain(TunnelError error) => error switch
    {
        TunnelError.NotAuthorized => "it does not take the relay's credentials.",
        TunnelError.Denied => "its rules do not allow the request.",
        TunnelError.HostUnreachable => "the destination cannot be found or reached.",
        TunnelError.ConnectionRefused => "the destination refused the connection.",
        TunnelError.TimedOut => "the destination did not answer in time.",
        _ => "it could not open the tunnel.",
    };
}
