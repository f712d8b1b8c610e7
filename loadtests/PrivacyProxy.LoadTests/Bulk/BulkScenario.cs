using System.Net;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Bulk;

/// <summary>Many bytes down and up through a real proxy, in turn.</summary>
internal sealed class BulkScenario(LoadScreen screen, BulkSettings settings)
{
    private const long Megabyte = 1024 * 1024;

    public static async Task<Report> ReportAsync(LoadScreen screen, BulkSettings settings, CancellationToken cancellationToken)
    {
        var result = await new BulkScenario(screen, settings).RunAsync(cancellationToken);
        screen.Text($"{settings.Tunnels} tunnels, {settings.Megabytes} MiB each way in each, {settings.Way}");
        return result.ToReport(settings);
    }

    /// <exception cref="TimeoutException">A round took too long.</exception>
    public async Task<BulkResult> RunAsync(CancellationToken cancellationToken)
    {
        var credentials = await CredentialSupply.MakeAsync(screen, settings, settings.TunnelsOfAProxy, cancellationToken);
        using var origin = new LoadOrigin(settings.OriginEndPoint);
        await using var proxy = await LoadedProxy.StartAsync(settings, credentials);
        using var path = settings.HasPath ? new LossyPath(new IPEndPoint(IPAddress.Parse(proxy.Address.Host), proxy.Address.Port), settings.Loss / 100, TimeSpan.FromMilliseconds(settings.Delay)) : null;
        await using var client = settings.CreateClient(path is null ? proxy.Address : proxy.Address with { Port = path.EndPoint.Port });
        var load = new BulkLoad(client, origin.Authority, credentials, proxy.Processes);
        var rounds = new List<BulkRound>();
        for (var round = -settings.WarmUp; round < settings.Rounds; round++)
        {
            try
            {
                foreach (var down in new[] { true, false })
                {
                    screen.Progress($"{(round < 0 ? "warming up" : $"round {round + 1} of {settings.Rounds}")}, {(down ? "down" : "up")}");
                    var measured = await MeasureAsync(load, down, cancellationToken);
                    if (round >= 0) rounds.Add(measured);
                }
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested && rounds.Count > 1)
            {
                // Ctrl+C ends the proxy too.
                return new BulkResult(rounds) { WasStopped = true };
            }
        }

        return new BulkResult(rounds);
    }

    private async Task<BulkRound> MeasureAsync(BulkLoad load, bool down, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(settings.Limit);
        try
        {
            return await load.RunAsync(down, settings.Tunnels, settings.Megabytes * Megabyte, deadline.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The bytes were not through within {settings.Seconds} s; fewer --megabytes or more --seconds are needed.", e);
        }
    }
}
