using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Serves the directory: the same bytes and ETag to everybody, until the keys change (RFC 9578, section 4; RFC 9576, section 6.2).</summary>
internal sealed class IssuerDirectoryEndpoint(IServedDirectory directory)
{
    public async Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        ServedDirectory representation;
        try
        {
            representation = await directory.GetAsync(context.RequestAborted);
        }
        catch (IOException)
        {
            response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }

        response.Headers.ETag = representation.ETag.ToString();
        response.Headers.CacheControl = representation.CacheControl;
        if (IsKnown(context.Request, representation.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = PrivateTokenMediaTypes.IssuerDirectory;
        response.ContentLength = representation.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await response.BodyWriter.WriteAsync(representation.Body, context.RequestAborted);
    }

    /// <summary>RFC 9110, section 13.1.2: any tag of the list, compared weakly, or "*".</summary>
    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(tag, useStrongComparison: false));
}
