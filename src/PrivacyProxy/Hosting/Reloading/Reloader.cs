using System.Runtime.InteropServices;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting.Systemd;

namespace PrivacyProxy.Hosting.Reloading;

/// <summary>
/// Reads settings and the files they name again, on SIGHUP and when one has changed: all of it or nothing. Tunnels notice none of it.
/// </summary>
internal sealed partial class Reloader(LiveConfiguration configuration, IReloadPlan plan, ReloadCount count, ServiceNotice notice, TimeProvider time, ILogger<Reloader> logger) : IHostedService, IDisposable
{
    /// <summary>How often files are looked at. A change is taken when it was seen and was still the same one look later: not in the middle of being written.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private string _taken = "";
    private string? _seen;
    private ITimer? _timer;
    private PosixSignalRegistration? _signal;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _taken = FileStamp.Of(Files);
        if (!OperatingSystem.IsWindows())
        {
            _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                // Not a thread of the signal's: those are few, and reading may take a while.
                ThreadPool.QueueUserWorkItem(static reloader => reloader.OnSignal(), this, preferLocal: false);
            });
        }

        _timer = time.CreateTimer(static state => ((Reloader)state!).Look(), this, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _signal?.Dispose();
    }

    /// <summary>Reads everything again, now; false when it is refused.</summary>
    public bool Reload()
    {
        lock (_gate)
        {
            notice.Reloading();
            // Before reading: what changes after is a change.
            var files = Files.ToArray();
            _taken = FileStamp.Of(files);
            try
            {
                using var next = configuration.ReadAgain();
                var use = plan.Prepare(next);
                configuration.Use(next);
                use();
                // Other files were read, so these are the first stamps of theirs.
                if (!Files.SequenceEqual(files, StringComparer.Ordinal)) _taken = FileStamp.Of(Files);
                count.Applied();
                return true;
            }
            catch (InvalidConfigurationException exception)
            {
                count.Refused();
                LogRefused(exception.Message);
                return false;
            }
            catch (Exception exception)
            {
                // Whatever is wrong with files must not end the process.
                count.Refused();
                LogFailed(exception);
                return false;
            }
            finally
            {
                notice.Ready();
            }
        }
    }

    private void Look()
    {
        // A timer does not wait for its last turn.
        if (!_gate.TryEnter()) return;
        try
        {
            var now = FileStamp.Of(Files);
            var isChanged = now != _taken;
            if (isChanged && now == _seen) Reload();
            _seen = isChanged ? now : null;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void OnSignal()
    {
        LogAsked();
        if (Reload()) plan.Refresh();
    }

    private IEnumerable<string> Files => configuration.Files.Concat(plan.Files);

    [LoggerMessage(EventId = 2961, Level = LogLevel.Information, Message = "Asked to read settings and files again.")]
    private partial void LogAsked();

    [LoggerMessage(EventId = 2962, Level = LogLevel.Error, Message = "Changed settings or files are invalid, and none of them is applied: {Problem}")]
    private partial void LogRefused(string problem);

    [LoggerMessage(EventId = 2963, Level = LogLevel.Error, Message = "Changed settings or files could not be applied.")]
    private partial void LogFailed(Exception exception);
}
