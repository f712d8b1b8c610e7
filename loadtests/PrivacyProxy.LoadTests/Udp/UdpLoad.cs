using System.Diagnostics;
using System.Threading.Channels;
using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>One way to the echo: keeps a window of datagrams on their way, or sends them at a rate and looks how long each takes.</summary>
internal sealed class UdpLoad : IAsyncDisposable
{
    /// <summary>After so long without an echo all that were on their way are lost.</summary>
    private static readonly TimeSpan _lostAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>How often those that are due are sent.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(1);

    private readonly EchoTunnel _tunnel;
    private readonly UdpSettings _settings;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private LatencyHistogram _delays = new();
    private int _came;
    private int _missing;

    public UdpLoad(EchoTunnel tunnel, UdpSettings settings)
    {
        (_tunnel, _settings, _missing) = (tunnel, settings, settings.Window);
        tunnel.Received = stamp =>
        {
            _delays.Record(Stopwatch.GetTimestamp() - stamp);
            Interlocked.Increment(ref _came);
            _signal.Writer.TryWrite(true);
        };
    }

    public long Sent { get; private set; }

    public long Echoes { get; private set; }

    /// <summary>Given up: of those that are sent at a rate, the ones that have not come back.</summary>
    public long Lost { get; private set; }

    /// <summary>What was measured since the last call.</summary>
    public LatencyHistogram TakeDelays() => Interlocked.Exchange(ref _delays, new LatencyHistogram());

    /// <summary>Until cancelled; can be called again.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _settings.Rate is { } rate ? PaceAsync(rate / _settings.Tunnels, cancellationToken) : FillAsync(cancellationToken);

    public ValueTask DisposeAsync() => _tunnel.DisposeAsync();

    /// <summary>Sends as many datagrams as have come back.</summary>
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_missing > 0)
            {
                Sent += _missing;
                await _tunnel.SendAsync(_missing, Stopwatch.GetTimestamp());
            }

            try
            {
                await _signal.Reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(_lostAfter, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                Lost += _missing = _settings.Window;
                // Its wait is still there: it takes the next signal, and this one wakes it.
                _signal.Writer.TryWrite(true);
                continue;
            }

            var came = Interlocked.Exchange(ref _came, 0);
            Echoes += came;
            // What was given up may come late.
            _missing = Math.Min(came, _settings.Window);
        }
    }

    /// <summary>However long each takes: delays are from when it was due.</summary>
    private async Task PaceAsync(double rate, CancellationToken cancellationToken)
    {
        var (startedAt, sent) = (Stopwatch.GetTimestamp(), 0L);
        while (!cancellationToken.IsCancellationRequested)
        {
            var dueAt = startedAt + (long)(sent / rate * Stopwatch.Frequency);
            if (Stopwatch.GetTimestamp() < dueAt)
            {
                await Task.Delay(_tick, CancellationToken.None);
                continue;
            }

            await _tunnel.SendAsync(1, dueAt);
            sent++;
        }

        // The last ones have time to come.
        await Task.Delay(_lostAfter, CancellationToken.None);
        var came = Interlocked.Exchange(ref _came, 0);
        Sent += sent;
        Echoes += came;
        Lost += Math.Max(0, sent - came);
    }
}
