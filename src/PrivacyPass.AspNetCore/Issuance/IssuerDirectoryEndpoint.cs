using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Serves the directory: the same bytes and ETag to everybody, until the keys change (RFC 9578, section 4; RFC 9576, section 6.2).</summary>
internal sealed class IssuerDirectoryEndpoint(IssuerKeyRing keys, IOptions<PrivacyPassIssuerOptions> options)
{
    private readonly string _requestUri = options.Value.RequestUri?.OriginalString ?? options.Value.RequestPath;
    private readonly string _cacheControl = $"public, max-age={(long)options.Value.DirectoryMaxAge.TotalSeconds}";
    private readonly IssuerBatchLimits? _batchLimits = options.Value.MaxBatch is > 0 and var most ? new IssuerBatchLimits(most, most) : null;
    private volatile Representation? _current;

    public Task HandleAsync(HttpContext context)
    {
        var representation = Current();
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

    private Representation Current()
    {
        var live = keys.Keys;
        if (_current is { } current && ReferenceEquals(current.Keys, live)) return current;
        var entries = live.Select(key => new IssuerDirectoryKey((ushort)key.Type, key.PublicKey, key.NotBefore, key.NotAfter));
        var body = new IssuerDirectory(_requestUri, entries, _batchLimits).WriteJson();
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body)[..16])}\"");
        return _current = new Representation(live, body, tag);
    }

    private sealed record Representation(IReadOnlyList<IssuerKey> Keys, byte[] Body, EntityTagHeaderValue ETag);
}
