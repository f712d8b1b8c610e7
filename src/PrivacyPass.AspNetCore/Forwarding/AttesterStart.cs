using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PrivacyPass.AspNetCore.Attestation;

namespace PrivacyPass.AspNetCore.Forwarding;

/// <summary>Says at start who gets tokens, and asks the issuer for its directory: one that is away does not hold up the start.</summary>
internal sealed partial class AttesterStart(ITokenRequestAttester attester, IssuerLink issuer, ILogger<AttesterStart> logger) : BackgroundService
{
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(5);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (attester is OpenAttester) LogOpen(attester.Description);
        else LogAttester(attester.Description);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await issuer.GetAsync(stoppingToken);
                return;
            }
            catch (IOException)
            {
                // The link has said why.
                await Task.Delay(_retry, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(EventId = 1173, Level = LogLevel.Warning, Message = "{Description}")]
    private partial void LogOpen(string description);

    [LoggerMessage(EventId = 1174, Level = LogLevel.Information, Message = "{Description}")]
    private partial void LogAttester(string description);
}
