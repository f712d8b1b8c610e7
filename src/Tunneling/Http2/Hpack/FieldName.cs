namespace Tunneling.Http2.Hpack;

/// <summary>The field names that a proxy looks at, recognised while a block is decoded; every other one is <see cref="Other"/>.</summary>
internal enum FieldName : byte
{
    Other,
    PseudoAuthority,
    PseudoMethod,
    PseudoPath,
    PseudoProtocol,
    PseudoScheme,
    PseudoStatus,
    Authorization,
    CapsuleProtocol,
    Connection,
    ContentLength,
    ContentType,
    Cookie,
    Expect,
    Host,
    KeepAlive,
    Priority,
    ProxyAuthorization,
    ProxyConnection,
    SecChGeohash,
    Te,
    TraceParent,
    TransferEncoding,
    Upgrade,
    UserAgent,
}
