using System.Globalization;
using Microsoft.AspNetCore.Connections;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>
/// That the origin is served over HTTP/3 as well (RFC 7838), left on connections of the listener by whoever serves it there.
/// Kestrel would say so on the answers to CONNECT too, where it would mean the tunnel's destination to some.
/// </summary>
/// <param name="Field">The value of Alt-Svc.</param>
internal sealed record Http3Alternative(string Field)
{
    /// <param name="port">The UDP port that clients reach.</param>
    public static Http3Alternative At(int port) => new(string.Create(CultureInfo.InvariantCulture, $"h3=\":{port}\"; ma=86400"));

    /// <summary>Adds the field to an answer on HTTP/1.1 or HTTP/2, if there is an alternative.</summary>
    public static void Announce(HttpContext context)
    {
        if (context.Features.Get<Http3Alternative>() is { } alternative) context.Response.Headers.AltSvc = alternative.Field;
    }

    /// <summary>Connection middleware that leaves it.</summary>
    public Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        connection.Features.Set(this);
        return next(connection);
    }
}
