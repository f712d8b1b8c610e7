using System.Runtime.InteropServices;
using PrivacyProxy.Commands.Top.Screen;

namespace PrivacyProxy.Commands.Top.Watching;

/// <summary>Scrapes and shows, once or until cancelled.</summary>
internal sealed class TopLoop(ManagementClient client, TopOptions options)
{
    private readonly Lock _lock = new();
    private readonly TopState _state = new(client.Address);

    /// <exception cref="ManagementException">The proxy does not answer at the start; later it is waited for.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _state.Seen(await client.ScrapeAsync(cancellationToken));
        if (options.Once && options.Interval is { } window)
        {
            await Task.Delay(window, cancellationToken);
            _state.Seen(await client.ScrapeAsync(cancellationToken));
        }

        // Not before: an error at the start is a line, and no screen was taken for it.
        using var screen = TopScreen.ForStandardOutput(options.Once);
        screen.Show(_state, client.Now);
        if (!options.Once) await GoOnAsync(screen, cancellationToken);
    }

    private async Task GoOnAsync(TopScreen screen, CancellationToken cancellationToken)
    {
        using var quit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Never disposed of by the thread that reads keys: it is the last to know.
        if (screen.IsLive) QuitKeys.Watch(() => Cancel(quit));
        using var resized = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Show(screen));
        using var resumed = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Show(screen));
        using var timer = new PeriodicTimer(options.Interval ?? TopOptions.DefaultInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(quit.Token))
            {
                var (scrape, fault) = await TryScrapeAsync(quit.Token);
                lock (_lock)
                {
                    if (scrape is not null) _state.Seen(scrape);
                    else _state.Missed(fault);
                }

                Show(screen);
            }
        }
        catch (OperationCanceledException) when (quit.IsCancellationRequested)
        {
            // Somebody has seen enough.
        }
    }

    private async Task<(Scrape? Scrape, string Fault)> TryScrapeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ScrapeAsync(cancellationToken), "");
        }
        catch (ManagementException exception)
        {
            return (null, exception.Message);
        }
    }

    private void Show(TopScreen screen)
    {
        lock (_lock) screen.Show(_state, client.Now);
    }

    private static void Cancel(CancellationTokenSource quit)
    {
        try
        {
            quit.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // A signal was faster than the key.
        }
    }
}
