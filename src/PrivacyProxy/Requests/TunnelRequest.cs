namespace PrivacyProxy.Requests;

/// <summary>What every protocol version reads a tunnel request into.</summary>
internal sealed class TunnelRequest
{
    public required TunnelKind Kind { get; init; }

    public required TunnelTarget Target { get; init; }

    public required TunnelCredentials Credentials { get; init; }

    /// <summary>The sec-ch-geohash value, null when absent: a hint, not validated here.</summary>
    public string? Geohash { get; init; }
}
