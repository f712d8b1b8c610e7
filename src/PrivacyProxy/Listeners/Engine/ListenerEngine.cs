namespace PrivacyProxy.Listeners.Engine;

/// <summary>What accepts connections and moves the bytes of tunnels.</summary>
internal enum ListenerEngine
{
    /// <summary>ASP.NET Core's server, everywhere.</summary>
    Kestrel,

    /// <summary>Event loops of our own for TLS, HTTP/2 and tunnels of HTTP/1.1; Kestrel for everything else. Linux only.</summary>
    Native,
}
