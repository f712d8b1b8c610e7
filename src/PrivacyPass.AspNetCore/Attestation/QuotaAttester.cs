using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using PrivacyPass.AspNetCore.Attestation.Quotas;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>
/// Gives tokens to those that one of the attestations knows, each within its quota. What is in Authorization decides, where one of them
/// reads it; without it, the connection does.
/// </summary>
internal sealed partial class QuotaAttester : ITokenRequestAttester
{
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(5);

    private readonly IAttestation[] _byAuthorization;
    private readonly IAttestation[] _byConnection;
    private readonly TokenQuotas _quotas;
    private readonly ILogger<QuotaAttester> _logger;
    private volatile bool _cannotCount;

    public QuotaAttester(IEnumerable<IAttestation> attestations, TokenQuotas quotas, ILogger<QuotaAttester> logger)
    {
        (_quotas, _logger) = (quotas, logger);
        var all = attestations.ToList();
        _byAuthorization = [.. all.Where(static attestation => attestation.ReadsAuthorization)];
        _byConnection = [.. all.Where(static attestation => !attestation.ReadsAuthorization)];
    }

    public string Description => string.Join(' ', _byAuthorization.Concat(_byConnection).Select(static attestation => attestation.Description));

    public ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken) =>
        AttestBatchAsync(context, type, 1, cancellationToken);

    public async ValueTask<AttestationResult> AttestBatchAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken)
    {
        if (context.Features.Get<TokenHolder>() is not { } holder)
        {
            var recognition = await RecognizeAsync(context, cancellationToken);
            if (recognition.Holder is null) return recognition.Refusal;
            // Asked again for each type of a batch, and when the answer is counted.
            context.Features.Set(holder = recognition.Holder);
        }

        if (holder.Tokens == 0) return AttestationResult.Forbidden("This client is suspended.");
        try
        {
            var wait = _quotas.Take(holder, count);
            _cannotCount = false;
            return wait is { } retryAfter ? AttestationResult.QuotaExceeded(retryAfter) : AttestationResult.Allowed;
        }
        catch (SqliteException e)
        {
            TellCannotCount(e);
            return AttestationResult.Unavailable(_retry, "Quotas cannot be counted now.");
        }
    }

    public ValueTask ReturnAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken)
    {
        if (context.Features.Get<TokenHolder>() is not { } holder) return ValueTask.CompletedTask;
        try
        {
            _quotas.GiveBack(holder, count);
        }
        catch (SqliteException e)
        {
            TellCannotCount(e);
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask<Recognition> RecognizeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var isPresented = context.Request.Headers.Authorization.Count > 0 && _byAuthorization.Length > 0;
        var last = Recognition.Refused(AttestationResult.Forbidden("Nobody gets tokens here."));
        foreach (var attestation in isPresented ? _byAuthorization : [.. _byConnection, .. _byAuthorization])
        {
            last = await attestation.RecognizeAsync(context, cancellationToken);
            if (last.Holder is not null) break;
        }

        return last;
    }

    private void TellCannotCount(SqliteException exception)
    {
        // Once, until it can again: a full disk fails every request.
        if (_cannotCount) return;
        _cannotCount = true;
        LogCannotCount(exception.Message);
    }

    [LoggerMessage(EventId = 1161, Level = LogLevel.Error, Message = "Quotas cannot be counted, and nobody gets tokens until they can: {Problem}")]
    private partial void LogCannotCount(string problem);
}
