using System.Net;

namespace MsQuic;

/// <summary>Where a client connects to.</summary>
public sealed class QuicClientOptions
{
    /// <summary>Name or address of the server; a name is also what its certificate must have.</summary>
    public required string Host { get; init; }

    /// <summary>Its UDP port.</summary>
    public required int Port { get; init; }

    /// <summary>Where the host is; null asks the resolver.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Settings, protocols and whom to trust.</summary>
    public required QuicConfiguration Configuration { get; init; }

    /// <summary>Sent on streams that are disposed before they have ended.</summary>
    public long DefaultStreamErrorCode { get; init; }

    /// <summary>Sent when the connection is disposed without having been closed.</summary>
    public long DefaultCloseErrorCode { get; init; }
}
