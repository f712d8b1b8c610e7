using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using PrivacyProxy.Listeners;

namespace PrivacyProxy.Forwarding;

/// <summary>Fields behind the content of a request, as they are written to an origin: HTTP clients of .NET know none.</summary>
internal static class RequestTrailers
{
    /// <summary>Whether a request may have some.</summary>
    public static bool MayFollow(HttpRequest request) =>
        request.Headers.ContentLength is null && request.HttpContext.Features.Get<IHttpRequestTrailersFeature>() is not null && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false;

    /// <summary>The lines of a request whose content was read; empty where there are none that may come then.</summary>
    public static byte[] Write(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpRequestTrailersFeature>() is not { Available: true } trailers) return [];
        var text = new StringBuilder();
        foreach (var (name, values) in trailers.Trailers)
            if (FieldText.IsName(name) && ForwardedFields.MayTrail(name)) Append(text, name, values);
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static void Append(StringBuilder text, string name, StringValues values)
    {
        foreach (var value in values)
            if (value is not null && FieldText.IsValue(value)) text.Append(name).Append(": ").Append(value).Append("\r\n");
    }
}
