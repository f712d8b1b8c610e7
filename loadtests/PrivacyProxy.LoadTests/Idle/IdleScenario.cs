using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Idle;

/// <summary>Tunnels that were used once and then do nothing, and what the proxy's memory grows by.</summary>
internal sealed class IdleScenario(LoadScreen screen, IdleSettings settings)
{
    public static async Task<Report> ReportAsync(LoadScreen screen, IdleSettings settings, CancellationToken cancellationToken)
    {
        var result = await new IdleScenario(screen, settings).RunAsync(cancellationToken);
        screen.Text($"{settings.Way}; each tunnel has echoed a byte before");
        return result.ToReport(settings);
    }

    /// <exception cref="TimeoutException">A step took too long.</exception>
    public async Task<IdleResult> RunAsync(CancellationToken cancellationToken)
    {
        var credentials = await CredentialSupply.MakeAsync(screen, settings, settings.WarmUp + settings.Tunnels, cancellationToken);
        using var origin = new LoadOrigin(settings.OriginEndPoint);
        await using var proxy = await LoadedProxy.StartAsync(settings, credentials);
        await using var client = settings.WithConnections.CreateClient(proxy.Address);
        var load = new IdleLoad(client, origin.Authority, credentials, settings.Callers);
        screen.Progress("warming up");
        foreach (var tunnel in await load.OpenAsync(settings.WarmUp, cancellationToken)) await tunnel.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(settings.Settle), cancellationToken);
        var open = new List<ClientTunnel>();
        var steps = new List<IdleStep> { new(0, proxy.Processes!.ResidentBytes) };
        try
        {
            for (var step = 1; step <= IdleSettings.Steps; step++)
            {
                open.AddRange(await load.OpenAsync(settings.Tunnels * step / IdleSettings.Steps - open.Count, cancellationToken));
                screen.Bar("idle tunnels", open.Count, settings.Tunnels);
                if (step == IdleSettings.Steps) await Task.Delay(TimeSpan.FromSeconds(settings.Settle), cancellationToken);
                steps.Add(new IdleStep(open.Count, proxy.Processes.ResidentBytes));
            }

            return new IdleResult(steps, load.Failed, load.Failure);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested && steps.Count > 1)
        {
            // Ctrl+C ends the proxy too.
            return new IdleResult(steps, load.Failed, load.Failure) { WasStopped = true };
        }
        finally
        {
            foreach (var tunnel in open) await tunnel.DisposeAsync();
        }
    }
}
