using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Rotates the keys when it is time, and says at start who gets tokens from which keys.</summary>
internal sealed partial class KeyRotationService(
    IssuerKeyRing keys,
    IssuerDirectoryDocument directory,
    ITokenRequestAttester attester,
    TimeProvider time,
    ILogger<KeyRotationService> logger) : BackgroundService
{
    // Timers drift and clocks are set: look at least this often.
    private static readonly TimeSpan _longestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan _shortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _retryWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await directory.RefreshAsync(cancellationToken);
        if (attester is OpenAttester) LogOpen(attester.Description);
        else LogAttester(attester.Description);
        foreach (var key in keys.Keys) LogKey((ushort)key.Type, key.KeyId, key.NotBefore, key.NotAfter);
        foreach (var type in keys.Keys.Select(static key => key.Type).Distinct().Where(TokenSizes.IsExperimental)) LogExperimental((ushort)type);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(await RotateAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Until the time is over, or another process or a hand has changed the key files.</summary>
    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + wait;
        // After a failure, which is said each time, not at once again.
        var mayBeEarly = wait != _retryWait;
        while (until - time.GetUtcNow() is { Ticks: > 0 } left)
        {
            await Task.Delay(left < _look ? left : _look, time, cancellationToken);
            if (mayBeEarly && HasChanged()) return;
        }
    }

    private bool HasChanged()
    {
        try
        {
            return keys.HasChanged;
        }
        catch (IssuerKeyFileException)
        {
            // The rotation says why.
            return true;
        }
    }

    private async Task<TimeSpan> RotateAsync(CancellationToken cancellationToken)
    {
        var before = keys.Keys;
        try
        {
            var wait = keys.Rotate() - time.GetUtcNow();
            foreach (var key in keys.Keys.Except(before)) LogKey((ushort)key.Type, key.KeyId, key.NotBefore, key.NotAfter);
            foreach (var key in before.Except(keys.Keys)) LogRetired((ushort)key.Type, key.KeyId);
            await directory.RefreshAsync(cancellationToken);
            return wait < _shortestWait ? _shortestWait : wait > _longestWait ? _longestWait : wait;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogRotationFailed(e);
            return _retryWait;
        }
    }

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "{Description}")]
    private partial void LogOpen(string description);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Information, Message = "{Description}")]
    private partial void LogAttester(string description);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Information, Message = "Key {KeyId} of token type {Type}: in use from {NotBefore:u}, expires {NotAfter:u}")]
    private partial void LogKey(ushort type, TokenKeyId keyId, DateTimeOffset notBefore, DateTimeOffset notAfter);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Information, Message = "Key {KeyId} of token type {Type} is retired: it has expired, or its file was taken away")]
    private partial void LogRetired(ushort type, TokenKeyId keyId);

    [LoggerMessage(EventId = 1106, Level = LogLevel.Warning, Message = "Token type {Type} is experimental: it is that of a draft, and may change with it")]
    private partial void LogExperimental(ushort type);

    [LoggerMessage(EventId = 1105, Level = LogLevel.Error, Message = "The keys could not be rotated; the present ones stay in use")]
    private partial void LogRotationFailed(Exception exception);
}
