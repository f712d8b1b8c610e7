namespace PrivacyProxy.Tunnels.Udp;

/// <summary>What the next bytes of a client's capsules gave.</summary>
internal enum UdpUploadStep
{
    /// <summary>Nothing yet.</summary>
    NeedMore = 0,

    /// <summary>A payload to send.</summary>
    Payload,

    /// <summary>A capsule or a context that means nothing here.</summary>
    Skipped,

    /// <summary>What no client may send.</summary>
    Malformed,
}
