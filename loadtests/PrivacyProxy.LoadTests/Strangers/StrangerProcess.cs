using System.Diagnostics;
using System.Globalization;
using PrivacyProxy.LoadTests.Clients;

namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>
/// Strangers in a process of their own: in that of the good tunnels they would take its time and its descriptors, and what was measured would be theirs.
/// </summary>
internal sealed class StrangerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private (int Open, long Connected, long Heads) _counts;

    private StrangerProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Connections open now, connections there have been, and heads that were sent as a whole; a tenth of a second old.</summary>
    public (int Open, long Connected, long Heads) Counts
    {
        get
        {
            lock (_gate) return _counts;
        }
    }

    /// <exception cref="IOException">It does not begin.</exception>
    public static StrangerProcess Start(ProxyAddress proxy, StrangersSettings settings, string? model)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(StrangerProcess).Assembly.Location, .. StrangerCommand.ArgumentsOf(proxy, settings, model)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        return new StrangerProcess(Process.Start(start) ?? throw new IOException("Strangers do not start."));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var numbers = Array.ConvertAll(line.Split(' '), static text => long.Parse(text, CultureInfo.InvariantCulture));
            lock (_gate) _counts = ((int)numbers[0], numbers[1], numbers[2]);
        }
    }
}
