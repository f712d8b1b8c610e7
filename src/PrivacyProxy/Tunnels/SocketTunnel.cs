using System.Net.Sockets;

namespace PrivacyProxy.Tunnels;

/// <summary>
/// A tunnel between a client and a socket of .NET, from its first byte to its end: known to the registry, ended once, for one reason,
/// by whoever gives the first one.
/// </summary>
internal abstract class SocketTunnel(TunnelClient client, Socket origin, TunnelRegistry registry, TunnelTraffic traffic) : OpenTunnel
{
    private readonly Lock _gate = new();
    private TunnelEnding _ending;

    protected TunnelClient Client => client;

    protected Socket Origin => origin;

    protected TunnelRegistry Registry => registry;

    protected TunnelTraffic Traffic => traffic;

    /// <summary>The first reason to end that was given.</summary>
    protected TunnelEnding Ending
    {
        get
        {
            lock (_gate) return _ending;
        }
    }

    /// <summary>True once a reason to end was given.</summary>
    protected bool HasEnded => Ending != TunnelEnding.None;

    public override async Task<TunnelEnding> RunAsync()
    {
        registry.Add(this);
        await PumpAsync();
        registry.Remove(this);
        traffic.Tell();
        lock (_gate)
        {
            // From here on Stop does nothing: the client's stream may already serve another request.
            if (_ending == TunnelEnding.None) _ending = TunnelEnding.Finished;
            origin.Dispose();
            return _ending;
        }
    }

    public override void Stop(TunnelEnding reason)
    {
        lock (_gate)
        {
            if (_ending != TunnelEnding.None) return;
            _ending = reason;
            CloseOrigin();
            CancelRead();
            if (reason == TunnelEnding.Malformed) client.ResetMalformed();
            else if (BreaksClient(reason)) client.Reset();
        }
    }

    public override void Sweep(TimeProvider time, long now, TunnelOptions options)
    {
        traffic.Tell();
        if (Overdue(time, now, options) is { } reason) Stop(reason);
    }

    /// <summary>At once, whatever is under way.</summary>
    protected virtual void CloseOrigin() => origin.Close(0); // timeout 0 closes TCP with a RST

    /// <summary>Both directions; never throws.</summary>
    protected abstract Task PumpAsync();

    /// <summary>Whether the client's stream is broken for a reason, or left to end in order.</summary>
    protected abstract bool BreaksClient(TunnelEnding reason);

    /// <summary>The reason to stop when nothing has moved for too long; null while it may go on.</summary>
    protected abstract TunnelEnding? Overdue(TimeProvider time, long now, TunnelOptions options);

    private void CancelRead()
    {
        try
        {
            client.Input.CancelPendingRead();
        }
        catch (Exception)
        {
            // Kestrel's reader throws what broke it: then no read is waiting.
        }
    }
}
