namespace PrivacyProxy.LoadTests.Driving;

/// <summary>How short tunnels are closed.</summary>
internal enum Ending
{
    /// <summary>In order: FIN, close_notify or END_STREAM, then the destination's.</summary>
    Fin,

    /// <summary>At once: the connection is closed, or the stream is reset.</summary>
    Cut,
}
