namespace Masque.Templates;

/// <summary>The default places of tunnel resources and the upgrade tokens that ask for them.</summary>
public static class MasqueTemplates
{
    /// <summary>The upgrade token of connect-udp (RFC 9298).</summary>
    public const string ConnectUdp = "connect-udp";

    /// <summary>The upgrade token of connect-tcp (draft-ietf-httpbis-connect-tcp).</summary>
    public const string ConnectTcp = "connect-tcp";

    /// <summary>Where connect-udp is expected (RFC 9298, section 2).</summary>
    public const string DefaultUdp = "/.well-known/masque/udp/{target_host}/{target_port}/";

    /// <summary>The same for connect-tcp.</summary>
    public const string DefaultTcp = "/.well-known/masque/tcp/{target_host}/{target_port}/";
}
