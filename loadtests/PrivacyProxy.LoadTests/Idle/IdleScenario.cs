using System.Net.Sockets;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Idle;

/// <summary>Tunnels that were used once and then do nothing, and what the proxy's memory grows by.</summary>
internal sealed class IdleScenario(LoadScreen screen, IdleSettings settings)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private int _next;
    private int _failed;
    private string? _failure;

    /// <exception cref="TimeoutException">A step took too long.</exception>
    public async Task<IdleResult> RunAsync(CancellationToken cancellationToken)
    {
        var credentials = await CredentialSupply.MakeAsync(screen, settings, settings.WarmUp + settings.Tunnels, cancellationToken);
        using var origin = new LoadOrigin(settings.OriginEndPoint);
        await using var proxy = await LoadedProxy.StartAsync(settings, credentials);
        await using var client = settings.WithConnections.CreateClient(proxy.Address);
        screen.Progress("warming up");
        foreach (var tunnel in await OpenAsync(client, origin.Authority, credentials, settings.WarmUp, cancellationToken)) await tunnel.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(settings.Settle), cancellationToken);
        var open = new List<ClientTunnel>();
        var steps = new List<IdleStep> { new(0, proxy.Processes!.ResidentBytes) };
        try
        {
            for (var step = 1; step <= IdleSettings.Steps; step++)
            {
                open.AddRange(await OpenAsync(client, origin.Authority, credentials, settings.Tunnels * step / IdleSettings.Steps - open.Count, cancellationToken));
                screen.Bar("idle tunnels", open.Count, settings.Tunnels);
                if (step == IdleSettings.Steps) await Task.Delay(TimeSpan.FromSeconds(settings.Settle), cancellationToken);
                steps.Add(new IdleStep(open.Count, proxy.Processes.ResidentBytes));
            }

            return new IdleResult(steps, _failed, _failure);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested && steps.Count > 1)
        {
            // Ctrl+C ends the proxy too.
            return new IdleResult(steps, _failed, _failure) { WasStopped = true };
        }
        finally
        {
            foreach (var tunnel in open) await tunnel.DisposeAsync();
        }
    }

    private async Task<List<ClientTunnel>> OpenAsync(ITunnelClient client, string target, CredentialSupply credentials, int count, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_limit);
        var opened = new List<ClientTunnel>();
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Math.Max(0, count)), new ParallelOptions { MaxDegreeOfParallelism = settings.Callers, CancellationToken = deadline.Token }, async (_, cancelled) =>
            {
                if (!credentials.TryFind(Interlocked.Increment(ref _next) - 1, out var credential)) return;
                ClientTunnel? tunnel = null;
                try
                {
                    tunnel = await client.OpenAsync(target, credential, cancelled);
                    await TunnelDriver.EchoAsync(tunnel, cancelled);
                    lock (opened) opened.Add(tunnel);
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    if (Interlocked.Increment(ref _failed) == 1) _failure = e.Message;
                    if (tunnel is not null) await tunnel.DisposeAsync();
                }
            });
            return opened;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{opened.Count} of {count} tunnels within {_limit.TotalSeconds} s; fewer --tunnels are needed.", e);
        }
    }
}
