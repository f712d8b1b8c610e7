using System.Net;
using System.Net.Security;

namespace MsQuic;

/// <summary>What a listener serves.</summary>
public sealed class QuicListenerOptions
{
    /// <summary>Where; port 0 lets the system choose.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>What is spoken; clients that offer none of these are refused.</summary>
    public required IReadOnlyList<SslApplicationProtocol> ApplicationProtocols { get; init; }

    /// <summary>Chooses settings and certificate of a connection; null refuses it.</summary>
    public required Func<QuicClientHello, CancellationToken, ValueTask<QuicConfiguration?>> Configure { get; init; }

    /// <summary>Connections in their handshake or not yet accepted, at most; further ones are refused.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>Sent on streams that are disposed before they have ended.</summary>
    public long DefaultStreamErrorCode { get; init; }

    /// <summary>Sent when a connection is disposed that was not closed.</summary>
    public long DefaultCloseErrorCode { get; init; }
}

/// <summary>What is known of a client when it begins.</summary>
/// <param name="Connection">The connection, not yet open.</param>
/// <param name="ServerName">The name it asks for; empty without one.</param>
public readonly record struct QuicClientHello(QuicConnection Connection, string ServerName);
