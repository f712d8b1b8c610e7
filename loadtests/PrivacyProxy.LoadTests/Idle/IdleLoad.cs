using System.Net.Sockets;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Idle;

/// <summary>Opens tunnels that have echoed a byte and then do nothing.</summary>
/// <param name="client">Opens one.</param>
/// <param name="target">Where they lead.</param>
/// <param name="credentials">What they are paid with.</param>
/// <param name="callers">How many are opened at a time.</param>
internal sealed class IdleLoad(ITunnelClient client, string target, CredentialSupply credentials, int callers)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private int _next;
    private int _failed;

    /// <summary>Tunnels that were not opened.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>What the first one failed with.</summary>
    public string? Failure { get; private set; }

    /// <summary>All of so many, or an exception.</summary>
    /// <exception cref="IOException">Not all were opened.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<List<ClientTunnel>> OpenAllAsync(int count, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(count, cancellationToken);
        if (opened.Count == count) return opened;
        foreach (var tunnel in opened) await tunnel.DisposeAsync();
        throw new IOException($"{opened.Count} of {count} tunnels could be opened: {Failure}");
    }

    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<List<ClientTunnel>> OpenAsync(int count, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_limit);
        var opened = new List<ClientTunnel>();
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Math.Max(0, count)), new ParallelOptions { MaxDegreeOfParallelism = callers, CancellationToken = deadline.Token }, async (_, cancelled) =>
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
                    if (Interlocked.Increment(ref _failed) == 1) Failure = e.Message;
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
