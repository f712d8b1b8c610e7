using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Acceptance;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>The keys of each scheme's issuers, kept fresh while the application runs.</summary>
internal sealed class PrivateTokenKeys : IHostedService, IDisposable
{
    private const long LimitMilliseconds = 2_000;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<string, (AcceptedKeySet Keys, IssuerKeyRefresher Refresher)> _schemes = new(StringComparer.Ordinal);

    private readonly IOptionsMonitor<PrivateTokenOptions> _options;

    public PrivateTokenKeys(IEnumerable<PrivateTokenScheme> schemes, IOptionsMonitor<PrivateTokenOptions> options, TimeProvider? time, ILogger<PrivateTokenKeys> logger)
    {
        _options = options;
        // A key must not end, nor its spent tokens be forgotten, since a clock has jumped.
        Time = time as SteadyTimeProvider ?? new SteadyTimeProvider(time ?? TimeProvider.System);
        foreach (var scheme in schemes.Select(static scheme => scheme.Name).Distinct(StringComparer.Ordinal))
        {
            var keys = new AcceptedKeySet(() => options.Get(scheme).Challenges, Time);
            _schemes[scheme] = (keys, new IssuerKeyRefresher(() => options.Get(scheme).Issuers, keys, Time, logger));
        }
    }

    /// <summary>The clock that keys are judged by.</summary>
    public TimeProvider Time { get; }

    public KeySnapshot Of(string scheme) => _schemes[scheme].Keys.Current;

    /// <summary>Waits for keys, but not for long: an application whose issuer cannot be reached starts all the same, and answers 503 until it can.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // What cannot be used must end the start, not a request.
        foreach (var scheme in _schemes.Keys) _ = _options.Get(scheme);
        foreach (var (_, refresher) in _schemes.Values) await refresher.StartAsync(cancellationToken);
        var until = Environment.TickCount64 + LimitMilliseconds;
        while (_schemes.Values.Any(static scheme => scheme.Keys.Current is { Ends.Count: 0 } or { Pending.Count: > 0 }) && !cancellationToken.IsCancellationRequested && Environment.TickCount64 < until)
            await Task.Delay(_look, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_schemes.Values.Select(scheme => scheme.Refresher.StopAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var (_, refresher) in _schemes.Values) refresher.Dispose();
    }
}
