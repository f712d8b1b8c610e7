using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>Keeps the issuers' keys fresh: one loop for each issuer, backing off while it fails and keeping what was good.</summary>
/// <param name="issuers">Which issuers there are now; another list when that has changed.</param>
/// <param name="keySet">Gets their keys.</param>
/// <param name="time">The clock of waits and keys.</param>
/// <param name="logger">Told of issuers whose keys cannot be had.</param>
/// <param name="audits">Makes what looks at the directories of an issuer; null for nothing.</param>
internal sealed partial class IssuerKeyRefresher(
    Func<IEnumerable<IIssuerSettings>> issuers, AcceptedKeySet keySet, TimeProvider time, ILogger logger, Func<IIssuerSettings, IIssuerAudit?>? audits = null) : BackgroundService
{
    private static readonly TimeSpan _advanceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _firstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _shortestMaxAge = TimeSpan.FromSeconds(10);

    private CancellationTokenSource _asked = new();

    private readonly Dictionary<string, (Loop Loop, IssuerKeySource Source)> _running = new(StringComparer.Ordinal);

    /// <summary>Asks all issuers again now, whenever their turn would be.</summary>
    public void RefreshNow()
    {
        using var asked = Interlocked.Exchange(ref _asked, new CancellationTokenSource());
        asked.Cancel();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var applied = issuers();
        Apply(applied, stoppingToken);
        using var timer = new PeriodicTimer(_advanceInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                keySet.Advance();
                if (ReferenceEquals(applied, issuers())) continue;
                applied = issuers();
                Apply(applied, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        await Task.WhenAll(_running.Values.Select(static running => running.Loop.StopAsync()));
    }

    /// <summary>Starts loops of new or changed issuers and stops the others; an unchanged issuer keeps its keys.</summary>
    private void Apply(IEnumerable<IIssuerSettings> current, CancellationToken stoppingToken)
    {
        var wanted = current.ToDictionary(static issuer => JsonSerializer.Serialize(issuer, issuer.GetType()), StringComparer.Ordinal);
        foreach (var gone in _running.Keys.Where(key => !wanted.ContainsKey(key)).ToList())
        {
            _running.Remove(gone, out var stopped);
            stopped.Loop.Cancel();
        }
        foreach (var (key, issuer) in wanted)
        {
            if (_running.ContainsKey(key)) continue;
            var source = new IssuerKeySource(issuer, time, audits?.Invoke(issuer));
            _running[key] = (new Loop(token => RefreshAsync(source, token), stoppingToken), source);
        }
        keySet.SetIssuers([.. wanted.Select(pair => (pair.Value, _running[pair.Key].Source.Keys))]);
    }

    private async Task RefreshAsync(IssuerKeySource source, CancellationToken cancellationToken)
    {
        using var owned = source;
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan wait;
            // From before the fetch: who asks meanwhile means what is there now.
            var asked = Volatile.Read(ref _asked).Token;
            try
            {
                var (keys, problem, maxAge) = await source.ListAsync(cancellationToken);
                foreach (var skipped in source.NewlySkipped) LogSkipped(source.Options.Name, skipped);
                keySet.Update(source.Keys, keys);
                failures = problem is null ? 0 : failures + 1;
                if (problem is not null) LogFailed(source.Options.Name, problem);
                else if (keySet.Current.Pending.Contains(source.Options.Name, StringComparer.Ordinal)) LogNoneAccepted(source.Options.Name, keys.Count);
                else LogLoaded(source.Options.Name, keys.Count);
                wait = problem is null ? NextRefresh(source.Options, maxAge) : Backoff(failures);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (TokenIssuanceException exception)
            {
                LogFailed(source.Options.Name, exception.Message);
                wait = Backoff(++failures);
            }
            catch (Exception exception)
            {
                // Whatever a source does, the loop goes on: without it the keys would age unseen.
                LogFailed(source.Options.Name, exception.GetType().Name);
                wait = Backoff(++failures);
            }
            using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, asked);
            await Task.Delay(wait, time, until.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan NextRefresh(IIssuerSettings issuer, TimeSpan? maxAge)
    {
        if (maxAge is not { } age || age >= issuer.RefreshInterval) return issuer.RefreshInterval;
        return age > _shortestMaxAge ? age : TimeSpan.FromTicks(Math.Min(_shortestMaxAge.Ticks, issuer.RefreshInterval.Ticks));
    }

    private static TimeSpan Backoff(int failures)
    {
        var doubled = _firstRetry * Math.Pow(2, Math.Min(failures - 1, 10));
        return doubled < _longestRetry ? doubled : _longestRetry;
    }

    [LoggerMessage(EventId = 1011, Level = LogLevel.Debug, Message = "Issuer {Issuer}: {Count} keys listed.")]
    private partial void LogLoaded(string issuer, int count);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Warning, Message = "Issuer {Issuer}: keys could not be loaded ({Problem}); keys known before stay in use.")]
    private partial void LogFailed(string issuer, string problem);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "Issuer {Issuer}: of {Count} usable keys listed none is within its life; see KeyLifetime and TokenTypes of the issuer.")]
    private partial void LogNoneAccepted(string issuer, int count);

    [LoggerMessage(EventId = 1014, Level = LogLevel.Warning, Message = "Issuer {Issuer}: skipped {Skipped}; the other keys are used.")]
    private partial void LogSkipped(string issuer, string skipped);

    /// <summary>A task that can be stopped.</summary>
    private sealed class Loop
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task _task;

        public Loop(Func<CancellationToken, Task> run, CancellationToken stoppingToken)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            _task = Task.Run(() => run(_stop.Token), CancellationToken.None);
        }

        public void Cancel() => _stop.Cancel();

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _task;
            _stop.Dispose();
        }
    }
}
