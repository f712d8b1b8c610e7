namespace PrivacyProxy.Requests;

/// <summary>How the client asked for its tunnel.</summary>
internal enum TunnelKind
{
    /// <summary>Classic CONNECT (RFC 9110, section 9.3.6): refused with 407, credentials in Proxy-Authorization.</summary>
    Connect,

    /// <summary>Templated TCP (draft-ietf-httpbis-connect-tcp): an origin resource, refused with 401.</summary>
    ConnectTcp,

    /// <summary>Templated UDP (RFC 9298): an origin resource, refused with 401.</summary>
    ConnectUdp,

    /// <summary>No tunnel but a request for a page of a cleartext site (RFC 9112, section 3.2.2): refused with 407, Authorization is the site's.</summary>
    Http,
}
