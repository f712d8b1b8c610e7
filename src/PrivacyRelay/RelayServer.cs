using System.Net;
using Microsoft.Extensions.Logging;
using PrivacyRelay.Configuration;
using PrivacyRelay.Listener;
using PrivacyRelay.Sessions;
using PrivacyRelay.Socks5.Udp;
using PrivacyRelay.Upstream;
using PrivacyRelay.Wallet;

namespace PrivacyRelay;

/// <summary>A running relay: the local listener, and a wallet for each proxy. Stops when disposed.</summary>
internal sealed class RelayServer : IAsyncDisposable
{
    private readonly IReadOnlyList<Hop> _hops;
    private readonly LocalListener _listener;

    private RelayServer(IReadOnlyList<Hop> hops, LocalListener listener)
    {
        _hops = hops;
        _listener = listener;
    }

    public IPEndPoint EndPoint => _listener.EndPoint;

    /// <summary>Starts to listen; proxies and issuers are contacted with the first tunnel.</summary>
    /// <param name="options">The settings, which are valid.</param>
    /// <param name="sources">Where tokens come from; not disposed.</param>
    /// <param name="time">The clock of every timeout.</param>
    /// <param name="loggers">Where the few lines go; none names a destination or a token.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The local address cannot be taken.</exception>
    public static RelayServer Start(RelayOptions options, ITokenSourceFactory sources, TimeProvider time, ILoggerFactory loggers)
    {
        var trust = new TrustPolicy(options.TrustedRoots, options.ProxyCa);
        var protocols = new HopProtocols(options.Upstream, options.ConnectTimeout, time);
        var settings = options.Hops;
        var hops = new Hop[settings.Count];
        for (var i = 0; i < hops.Length; i++)
        {
            // Only the last proxy leaves to the destination, so only it is told from where.
            var geohash = i == hops.Length - 1 ? options.Geohash : null;
            var before = i == 0 ? null : hops[i - 1];
            var name = hops.Length == 1 ? "The proxy" : i == 0 ? "The first proxy" : "The second proxy";
            var peer = new ProxyPeer(settings[i].Proxy, trust, geohash, new TrustNotice(name, loggers.CreateLogger<TrustNotice>()), settings[i].ClientCertificate is { } file ? ClientCertificateFile.Read(file) : null);
            hops[i] = new Hop(protocols.Create(peer, before), Credentials(settings[i], options, sources, time, loggers), name);
        }

        var dialer = new TunnelDialer(hops[^1], options.ConnectTimeout, time);
        var udp = new UdpRelay(options, dialer, time, loggers.CreateLogger<UdpRelay>());
        return new RelayServer(hops, new LocalListener(options, new LocalSession(options, dialer, time, new LocalUsers(options.LocalUsers)), udp, time, loggers.CreateLogger<LocalListener>()));
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        foreach (var hop in _hops.Reverse()) await hop.DisposeAsync();
    }

    private static IHopCredentials Credentials(HopOptions hop, RelayOptions options, ITokenSourceFactory sources, TimeProvider time, ILoggerFactory loggers)
    {
        if (hop.PresharedKey is { } key) return new PresharedCredentials(key);
        if (hop.Issuer is null) return new CertificateCredentials();
        var wallet = new TokenWallet(sources.Create(hop), new TokensAhead(options.TokensLow, options.TokensHigh), options.ConnectTimeout, time, loggers.CreateLogger<TokenWallet>());
        return new TokenCredentials(wallet, new ChallengeSelector(hop.Proxy.Authority, hop.Issuer!.Host, options.ExperimentalTokens, options.MetadataTokens));
    }
}
