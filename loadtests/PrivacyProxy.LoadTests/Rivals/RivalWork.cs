using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Clients.Http3;
using PrivacyProxy.LoadTests.Driving;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>One kind of work that proxies are measured at.</summary>
/// <param name="Name">Short.</param>
/// <param name="Title">In the table.</param>
/// <param name="Http">The version of HTTP.</param>
/// <param name="Tls">Whether over TLS.</param>
/// <param name="Kind">What is moved.</param>
/// <param name="Amount">Tunnels, or MiB through each of <see cref="BulkTunnels"/>.</param>
internal sealed record RivalWork(string Name, string Title, int Http, bool Tls, RivalKind Kind, int Amount)
{
    private const int ManyTunnels = 3_000;
    private const int Handshakes = 400;
    private const int Megabytes = 32;
    private const int PerConnection = 500;

    /// <summary>Through the one tunnel that HTTP/3 is asked about.</summary>
    private const int MegabytesOfOne = 256;

    /// <summary>Fewer streams than any proxy here allows.</summary>
    private const int StreamsOfAConnection = 90;

    public static IReadOnlyList<RivalWork> All { get; } =
    [
        new("tunnels", "HTTP/1.1 plain, tunnels", 1, false, RivalKind.Tunnels, ManyTunnels) { Asked = ("haproxy", 1.05) },
        new("down", "HTTP/1.1 plain, down", 1, false, RivalKind.Down, Megabytes) { Asked = ("go", 0.85) },
        new("up", "HTTP/1.1 plain, up", 1, false, RivalKind.Up, Megabytes) { Asked = ("go", 0.85) },
        new("tls-down", "HTTP/1.1 over TLS, down", 1, true, RivalKind.Down, Megabytes) { Asked = ("h2o", 1) },
        new("tls-up", "HTTP/1.1 over TLS, up", 1, true, RivalKind.Up, Megabytes) { Asked = ("h2o", 1) },
        new("h2-tunnels", "HTTP/2, tunnels, RST", 2, true, RivalKind.Tunnels, ManyTunnels) { Asked = ("h2o", 0.75) },
        new("h2-fin", "HTTP/2, tunnels, FIN", 2, true, RivalKind.Tunnels, ManyTunnels) { Asked = ("h2o", 0.75), Ending = Ending.Fin },
        new("h2-new", "HTTP/2, a TLS connection for each tunnel", 2, true, RivalKind.Tunnels, Handshakes) { Asked = ("h2o", 1), TunnelsPerConnection = 1, Callers = 16 },
        new("h2-down", "HTTP/2, down", 2, true, RivalKind.Down, Megabytes) { Asked = ("h2o", 1) },
        new("h2-up", "HTTP/2, up", 2, true, RivalKind.Up, Megabytes) { Asked = ("h2o", 0.85) },
        new("h3-tunnels", "HTTP/3, tunnels, RST", 3, true, RivalKind.Tunnels, ManyTunnels),
        new("h3-down", "HTTP/3, one tunnel down", 3, true, RivalKind.Down, MegabytesOfOne) { Asked = ("h2o", 1), BulkTunnels = 1 },
        new("h3-up", "HTTP/3, one tunnel up", 3, true, RivalKind.Up, MegabytesOfOne) { Asked = ("h2o", 1), BulkTunnels = 1 },
        new("h3-idle", "idle tunnel, HTTP/3", 3, true, RivalKind.Idle, 0),
        new("idle", "idle tunnel, HTTP/1.1 plain", 1, false, RivalKind.Idle, 0),
        new("idle-h2", "idle tunnel, HTTP/2", 2, true, RivalKind.Idle, 0),
    ];

    /// <summary>Of which rival's cost ours may be what share; null where a number is asked for instead.</summary>
    public (string Rival, double Share)? Asked { get; init; }

    public int BulkTunnels { get; init; } = 8;

    public Ending Ending { get; init; } = Ending.Cut;

    public int Callers { get; init; } = 32;

    public int TunnelsPerConnection { get; init; } = PerConnection;

    public string Unit => Kind switch { RivalKind.Tunnels => "s/10k", RivalKind.Idle => "KiB", _ => "s/GB" };

    public string SpeedUnit => Kind == RivalKind.Tunnels ? "tunnels/s" : "GB/s";

    /// <summary>How many tunnels one run opens.</summary>
    public int Tunnels(double scale) => Kind == RivalKind.Tunnels ? Scaled(scale) : BulkTunnels;

    /// <summary>Bytes through each tunnel.</summary>
    public long Bytes(double scale) => Scaled(scale) * 1024L * 1024;

    /// <exception cref="IOException">There is no QUIC here.</exception>
    public ITunnelClient CreateClient(ProxyAddress proxy) => Http switch
    {
        1 => new Http1Client(proxy),
        2 => new Http2Client(proxy, TunnelsPerConnection == 1 ? Callers : 2, TunnelsPerConnection),
        _ => new Http3Client(proxy, connections: 2),
    };

    /// <summary>For so many tunnels that are open at a time.</summary>
    /// <exception cref="IOException">There is no QUIC here.</exception>
    public ITunnelClient CreateClientOf(ProxyAddress proxy, int tunnels)
    {
        var connections = (tunnels / StreamsOfAConnection) + 1;
        return Http switch
        {
            1 => new Http1Client(proxy),
            2 => new Http2Client(proxy, connections, int.MaxValue),
            _ => new Http3Client(proxy, connections),
        };
    }

    private int Scaled(double scale) => Math.Max(1, (int)(Amount * scale));
}
