namespace PrivacyProxy.Tunnels;

/// <summary>An open tunnel as <see cref="TunnelRegistry"/> sees it.</summary>
internal interface ITunnel
{
    /// <summary>Ends both directions at once; the first reason stays.</summary>
    void Stop(TunnelEnding reason);

    /// <summary>What is done for every open tunnel once a second: counts its bytes, and stops it if nothing has moved for longer than its state allows.</summary>
    void Sweep(TimeProvider time, long now, TunnelOptions options);
}
