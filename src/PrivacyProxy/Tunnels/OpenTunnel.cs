namespace PrivacyProxy.Tunnels;

/// <summary>A tunnel from its first byte to its end: known to the registry, ended once, for one reason, by whoever gives the first one.</summary>
internal abstract class OpenTunnel
{
    /// <summary>Pumps until both directions have ended; closes the connection to the origin. Never throws.</summary>
    public abstract Task<TunnelEnding> RunAsync();

    /// <summary>Ends both directions at once; the first reason stays. Any thread.</summary>
    public abstract void Stop(TunnelEnding reason);

    /// <summary>What is done for every open tunnel once a second: counts its bytes, and stops it if nothing has moved for longer than its state allows.</summary>
    public abstract void Sweep(TimeProvider time, long now, TunnelOptions options);
}
