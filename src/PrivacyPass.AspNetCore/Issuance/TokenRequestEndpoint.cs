using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Answers POSTs of a single TokenRequest (RFC 9578, sections 5.1, 5.2, 6.1 and 6.2).</summary>
internal sealed partial class TokenRequestEndpoint(
    IssuerKeyRing keys,
    ITokenRequestAttester attester,
    IssuanceLimiter limiter,
    ILogger<TokenRequestEndpoint> logger)
{
    /// <summary>A body of up to this is read and answered with 422 when it is no TokenRequest; a longer one with 413.</summary>
    private const int LargestBody = 4096;

    private static readonly TimeSpan _busyRetryAfter = TimeSpan.FromSeconds(1);
    public async Task HandleAsync(HttpContext context)
    {
        if (!IsTokenRequest(context.Request.ContentType))
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, $"Send {PrivateTokenMediaTypes.TokenRequest}.");
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(LargestBody + 1);
        try
        {
            var length = await ReadBodyAsync(context, buffer.AsMemory(0, LargestBody + 1));
            if (length > LargestBody) await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, "A token request has at most 259 bytes.");
            else await AnswerAsync(context, buffer.AsMemory(0, length));
        }
        catch (BadHttpRequestException e)
        {
            // Kestrel's own refusal of a body: too large, too slow, or broken off.
            await RefuseAsync(context, e.StatusCode, "The request body cannot be read.");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task AnswerAsync(HttpContext context, ReadOnlyMemory<byte> request)
    {
        if (Find(request.Span) is not { } key)
        {
            await RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, "No key of this issuer is meant, or the size is not that of the token type.");
            return;
        }

        var attestation = await attester.AttestAsync(context, key.Type, context.RequestAborted);
        if (!attestation.IsAllowed)
        {
            await RefuseAsync(context, attestation);
            return;
        }

        using var permit = await limiter.EnterAsync(context.RequestAborted);
        if (permit.IsAcquired)
        {
            await IssueAsync(context, key, request);
            return;
        }

        SetRetryAfter(context, _busyRetryAfter);
        await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many requests wait to be signed.");
    }

    private async Task IssueAsync(HttpContext context, IssuerKey key, ReadOnlyMemory<byte> request)
    {
        byte[] response;
        try
        {
            response = key.Issue(request.Span);
        }
        catch (TokenIssuanceException e)
        {
            await RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, e.Message);
            return;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogIssuanceFailed(key.KeyId, e);
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, "The token could not be issued.");
            return;
        }

        context.Response.ContentType = PrivateTokenMediaTypes.TokenResponse;
        context.Response.ContentLength = response.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.BodyWriter.WriteAsync(response, context.RequestAborted);
    }

    /// <summary>The key a request names; null when its type, its truncated key id or its size is wrong.</summary>
    private IssuerKey? Find(ReadOnlySpan<byte> body) =>
        TokenRequestView.TryRead(body, out var request) ? keys.Find(request.Type, request.TruncatedKeyId) : null;

    private static bool IsTokenRequest(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals(PrivateTokenMediaTypes.TokenRequest, StringComparison.OrdinalIgnoreCase);

    /// <summary>Fills the buffer at most; its full length means that there was more than <see cref="LargestBody"/>.</summary>
    private static async ValueTask<int> ReadBodyAsync(HttpContext context, Memory<byte> buffer)
    {
        if (context.Request.ContentLength > LargestBody) return buffer.Length;
        return await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, AttestationResult attestation)
    {
        if (attestation.Authenticate is { } challenge) context.Response.Headers.WWWAuthenticate = challenge;
        if (attestation.RetryAfter is { } retryAfter) SetRetryAfter(context, retryAfter);
        return RefuseAsync(context, attestation.StatusCode, attestation.Reason);
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }

    private static void SetRetryAfter(HttpContext context, TimeSpan time) =>
        context.Response.Headers.RetryAfter = ((long)Math.Ceiling(time.TotalSeconds)).ToString();

    [LoggerMessage(EventId = 1151, Level = LogLevel.Error, Message = "Issuing with key {KeyId} failed")]
    private partial void LogIssuanceFailed(TokenKeyId keyId, Exception exception);
}
