using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>Reads requests for templated tunnels, on every version: the resource, its destination, and what is wrong with either.</summary>
internal static class TemplatedRequests
{
    /// <summary>Extended CONNECT of HTTP/2 and HTTP/3 (RFC 8441, RFC 9220).</summary>
    /// <param name="context">The request.</param>
    /// <param name="resources">What is served where.</param>
    /// <param name="match">The tunnel asked for; null with an answer.</param>
    public static InvalidRequest? ReadConnect(HttpContext context, TunnelResources resources, out TunnelResourceMatch? match)
    {
        // On HTTP/3 Kestrel hides :protocol: there the path alone says what is asked for.
        var protocol = context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect ? connect.Protocol ?? "" : null;
        return ReadConnect(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, protocol, HasContent(context.Request), resources, out match);
    }

    /// <summary>The same, read by hand.</summary>
    /// <param name="rawTarget">The path with its query.</param>
    /// <param name="protocol"><c>:protocol</c>; null where it is not known.</param>
    /// <param name="hasContent">Whether fields describe content.</param>
    /// <param name="resources">What is served where.</param>
    /// <param name="match">The tunnel asked for; null with an answer.</param>
    public static InvalidRequest? ReadConnect(string rawTarget, string? protocol, bool hasContent, TunnelResources resources, out TunnelResourceMatch? match)
    {
        match = resources.Match(rawTarget);
        if (protocol is not null)
        {
            if (TunnelResources.KindOf(protocol) is not { } asked) return new InvalidRequest(StatusCodes.Status501NotImplemented, "unknown :protocol");
            if (match?.Kind != asked) return NotFound;
        }

        return hasContent ? WithContent : Check(match);
    }

    /// <summary>GET with Upgrade of HTTP/1.1 (RFC 9298, section 3.2).</summary>
    public static InvalidRequest? ReadUpgrade(HttpContext context, TunnelResourceMatch match)
    {
        var request = context.Request;
        // Upgrade means nothing there (RFC 9110, section 7.8).
        if (!HttpProtocol.IsHttp11(request.Protocol)) return new InvalidRequest(StatusCodes.Status400BadRequest, "tunnels need HTTP/1.1");
        if (!HttpMethods.IsGet(request.Method)) return new InvalidRequest(StatusCodes.Status405MethodNotAllowed, "tunnels are asked for with GET and Upgrade");
        // Before the next question: Kestrel upgrades no request with content.
        if (HasContent(request)) return WithContent;
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } || !Asks(request.Headers.Upgrade, match.Kind))
            return new InvalidRequest(StatusCodes.Status426UpgradeRequired, $"Upgrade: {TunnelResources.TokenOf(match.Kind)} is missing");
        return Check(match);
    }

    private static InvalidRequest NotFound => new(StatusCodes.Status404NotFound, "no tunnel of this :protocol here");

    /// <summary>Capsules are no content: fields that describe some make a request malformed (RFC 9297, section 3.4).</summary>
    private static InvalidRequest WithContent => new(StatusCodes.Status400BadRequest, "capsules with Content-Length, Content-Type or Transfer-Encoding");

    private static bool HasContent(HttpRequest request) =>
        request.Headers.ContentLength is not null || request.Headers.ContainsKey(HeaderNames.ContentType) || request.Headers.ContainsKey(HeaderNames.TransferEncoding);

    private static InvalidRequest? Check(TunnelResourceMatch? match) =>
        match is null ? NotFound
        : match.Error == TunnelTargetError.None ? null
        : InvalidRequest.Of(match.Error);

    /// <summary>A client may name other protocols it would take; the resource knows one.</summary>
    private static bool Asks(string? upgrade, TunnelKind kind) =>
        (upgrade ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Any(token => TunnelResources.KindOf(token) == kind);
}
