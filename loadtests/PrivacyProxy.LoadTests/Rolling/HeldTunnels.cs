using System.Diagnostics;
using System.Net.Sockets;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Driving;

namespace PrivacyProxy.LoadTests.Rolling;

/// <summary>Tunnels that stay open and are used now and then; what is cut is noted and opened again.</summary>
internal sealed class HeldTunnels(ITunnelClient client, string target, string? credential, TimeSpan every)
{
    private readonly Lock _gate = new();
    private readonly List<long> _cuts = [];
    private int _open;
    private int _refused;

    /// <summary>Open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Those that were not opened.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>What the first one was refused with.</summary>
    public string? Failure { get; private set; }

    /// <summary>When tunnels were cut, in ticks of <see cref="Stopwatch"/>.</summary>
    public IReadOnlyList<long> Cuts
    {
        get { lock (_gate) return [.. _cuts]; }
    }

    /// <summary>Holds so many until cancelled.</summary>
    public Task HoldAsync(int count, CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(() => HoldOneAsync(cancellationToken), CancellationToken.None)));

    private async Task HoldOneAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var tunnel = await client.OpenAsync(target, credential, cancellationToken);
                await TunnelDriver.EchoAsync(tunnel, cancellationToken);
                Interlocked.Increment(ref _open);
                await UseAsync(tunnel, cancellationToken);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                if (cancellationToken.IsCancellationRequested) return;
                if (Interlocked.Increment(ref _refused) == 1) Failure = e.Message;
                await Task.Delay(every, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Until it is cut. A read always waits, so that is noticed at once.</summary>
    private async Task UseAsync(ClientTunnel tunnel, CancellationToken cancellationToken)
    {
        var bytes = new byte[1];
        try
        {
            for (var reading = tunnel.ReadAsync(bytes, cancellationToken).AsTask(); ; reading = tunnel.ReadAsync(bytes, cancellationToken).AsTask())
            {
                await Task.WhenAny(reading, Task.Delay(every, cancellationToken));
                if (!reading.IsCompleted) await tunnel.WriteAsync(new byte[] { 1 }, cancellationToken);
                if (await reading == 0) throw new IOException("The tunnel ended.");
            }
        }
        catch (Exception e) when (e is IOException or SocketException && !cancellationToken.IsCancellationRequested)
        {
            lock (_gate) _cuts.Add(Stopwatch.GetTimestamp());
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
