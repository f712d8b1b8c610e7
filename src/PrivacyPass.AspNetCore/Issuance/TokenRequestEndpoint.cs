using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Issuance.Protocols;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Answers POSTs of one or many TokenRequests: the same steps, whatever the protocol.</summary>
internal sealed partial class TokenRequestEndpoint(
    IssuanceProtocols protocols,
    ITokenRequestAttester attester,
    IssuanceLimiter limiter,
    ILogger<TokenRequestEndpoint> logger,
    IIssuanceMetrics? metrics = null)
{
    private static readonly TimeSpan _busyRetryAfter = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(HttpContext context)
    {
        if (protocols.Find(context.Request.ContentType) is not { } protocol)
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, protocols.Expected);
            metrics?.Answered(context);
            return;
        }

        var largest = protocol.LargestBody;
        var buffer = ArrayPool<byte>.Shared.Rent(largest + 1);
        try
        {
            var length = await ReadBodyAsync(context, buffer.AsMemory(0, largest + 1));
            if (length > largest) await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"A request has at most {largest} bytes.");
            else await AnswerAsync(context, protocol, buffer.AsMemory(0, length));
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

        metrics?.Answered(context);
    }

    private async Task AnswerAsync(HttpContext context, IssuanceProtocol protocol, ReadOnlyMemory<byte> request)
    {
        var plan = protocol.Plan(context, request);
        if (plan.IsRefused)
        {
            await RefuseAsync(context, plan.Status, plan.Reason);
            return;
        }

        if (await TakeAsync(context, plan.Tokens) is { IsAllowed: false } refused)
        {
            await RefuseAsync(context, refused);
            return;
        }

        using var permit = await limiter.EnterAsync(context.RequestAborted);
        if (permit.IsAcquired)
        {
            await IssueAsync(context, protocol, plan);
            return;
        }

        await ReturnAsync(context, plan.Tokens);
        SetRetryAfter(context, _busyRetryAfter);
        await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many requests wait.");
    }

    /// <summary>All tokens or none.</summary>
    private async ValueTask<AttestationResult> TakeAsync(HttpContext context, IReadOnlyList<(TokenType Type, int Count)> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var (type, count) = tokens[i];
            var attestation = count == 1
                ? await attester.AttestAsync(context, type, context.RequestAborted)
                : await attester.AttestBatchAsync(context, type, count, context.RequestAborted);
            if (attestation.IsAllowed) continue;
            await ReturnAsync(context, tokens.Take(i));
            return attestation;
        }

        return AttestationResult.Allowed;
    }

    private async ValueTask ReturnAsync(HttpContext context, IEnumerable<(TokenType Type, int Count)> tokens)
    {
        foreach (var (type, count) in tokens) await attester.ReturnAsync(context, type, count, CancellationToken.None);
    }

    private async Task IssueAsync(HttpContext context, IssuanceProtocol protocol, IssuancePlan plan)
    {
        IssuanceAnswer answer;
        try
        {
            answer = await plan.IssueAsync(context.RequestAborted);
        }
        catch (TokenIssuanceException e)
        {
            answer = IssuanceAnswer.Refused(StatusCodes.Status422UnprocessableEntity, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogIssuanceFailed(protocol.RequestType, e);
            answer = IssuanceAnswer.Refused(StatusCodes.Status500InternalServerError, "The token could not be issued.");
        }

        // What fails here, or at the issuer, is not the client's to pay.
        if (answer.Status >= StatusCodes.Status500InternalServerError) await ReturnAsync(context, plan.Tokens);
        if (answer.Status >= StatusCodes.Status400BadRequest)
        {
            if (answer.RetryAfter is { } retryAfter) SetRetryAfter(context, retryAfter);
            await RefuseAsync(context, answer.Status, answer.Reason);
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = protocol.ResponseType;
        context.Response.ContentLength = answer.Body.Length;
        context.Response.Headers.CacheControl = "no-store";
        metrics?.Issued(context, plan.Tokens.Sum(static tokens => tokens.Count));
        await context.Response.BodyWriter.WriteAsync(answer.Body, context.RequestAborted);
    }

    /// <summary>Fills the buffer at most; its full length means that there was more than it is for.</summary>
    private static async ValueTask<int> ReadBodyAsync(HttpContext context, Memory<byte> buffer)
    {
        if (context.Request.ContentLength >= buffer.Length) return buffer.Length;
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

    [LoggerMessage(EventId = 1151, Level = LogLevel.Error, Message = "Answering a {MediaType} failed")]
    private partial void LogIssuanceFailed(string mediaType, Exception exception);
}
