namespace PrivacyProxy.Requests;

/// <summary>Why a request was refused before anything was done for it.</summary>
/// <param name="Status">The status to answer.</param>
/// <param name="Details">What is wrong, in words of the proxy only: it goes into Proxy-Status.</param>
internal readonly record struct InvalidRequest(int Status, string Details)
{
    /// <summary>The refusal of a target.</summary>
    public static InvalidRequest Of(TunnelTargetError error) => new(400, error switch
    {
        TunnelTargetError.EmptyHost => "empty host",
        TunnelTargetError.MissingPort => "missing port",
        TunnelTargetError.InvalidPort => "invalid port",
        TunnelTargetError.Userinfo => "userinfo in target",
        TunnelTargetError.InvalidIPv6 => "invalid IPv6 address",
        TunnelTargetError.InvalidIPv4 => "invalid IPv4 address",
        TunnelTargetError.InvalidName => "invalid host name",
        _ => "invalid character in target",
    });

    /// <summary>The refusal it gets.</summary>
    public Refusal ToRefusal() => new(ProxyStatusError.HttpRequestError) { Status = Status, Details = Details };
}
