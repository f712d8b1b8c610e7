using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>Whether a server asks clients for a certificate.</summary>
internal enum ClientCertificates
{
    /// <summary>Not asked for.</summary>
    None,

    /// <summary>Asked for; a client may have none.</summary>
    Optional,

    /// <summary>A client without one fails the handshake.</summary>
    Required,
}

/// <summary>What a <see cref="TlsServerContext"/> does, beside its certificates.</summary>
internal sealed record TlsServerOptions
{
    /// <summary>HTTP/2, then HTTP/1.1.</summary>
    public static IReadOnlyList<string> HttpProtocols { get; } = ["h2", "http/1.1"];

    /// <summary>Application protocols (RFC 7301), the preferred one first. A client that offers none of them fails; one that offers nothing does not.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = HttpProtocols;

    /// <summary>Whether clients are asked for certificates.</summary>
    public ClientCertificates ClientCertificates { get; init; }

    /// <summary>The authorities of client certificates, in PEM; they are named to clients.</summary>
    public ReadOnlyMemory<byte> ClientAuthorities { get; init; }

    /// <summary>Whether a client certificate that is not valid passes the handshake, for <see cref="TlsSession.ClientCertificateProblem"/> to be looked at.</summary>
    public bool AdmitInvalidClientCertificates { get; init; }

    /// <summary>Keys of session tickets; null: random ones, of this context alone.</summary>
    public TicketKeys? TicketKeys { get; init; }

    /// <summary>Lowest version: TLS 1.2 or 1.3.</summary>
    public TlsVersion LowestVersion { get; init; } = TlsVersion.Tls12;

    /// <summary>Highest version.</summary>
    public TlsVersion HighestVersion { get; init; } = TlsVersion.Tls13;
}

/// <summary>The versions served, as they are written in messages.</summary>
internal enum TlsVersion
{
    Unknown = 0,
    Tls12 = LibSsl.TLS1_2_VERSION,
    Tls13 = LibSsl.TLS1_3_VERSION,
}
