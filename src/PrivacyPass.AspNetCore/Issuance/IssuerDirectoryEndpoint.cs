using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Serves the directory: the same bytes and ETag to everybody, until the keys change (RFC 9578, section 4; RFC 9576, section 6.2).</summary>
internal sealed class IssuerDirectoryEndpoint(IssuerDirectoryDocument document, IOptions<PrivacyPassIssuerOptions> options)
{
    private readonly string _cacheControl = $"public, max-age={(long)options.Value.DirectoryMaxAge.TotalSeconds}";

    public Task HandleAsync(HttpContext context)
    {
        var representation = document.Current;
        var response = context.Response;
        response.Headers.ETag = representation.ETag.ToString();
        response.Headers.CacheControl = _cacheControl;
        if (IsKnown(context.Request, representation.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = PrivateTokenMediaTypes.IssuerDirectory;
        response.ContentLength = representation.Body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.BodyWriter.WriteAsync(representation.Body, context.RequestAborted).AsTask();
    }

    /// <summary>RFC 9110, section 13.1.2: any tag of the list, compared weakly, or "*".</summary>
    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(tag, useStrongComparison: false));
}
