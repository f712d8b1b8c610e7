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
    private readonly IReadOnlyList<(string Proxy, TokenWallet? Wallet)> _wallets;
    private readonly TunnelTally _tally;
    private readonly LocalListener _listener;
    private readonly bool _isOnLocalhost;

    private RelayServer(IReadOnlyList<Hop> hops, IReadOnlyList<(string Proxy, TokenWallet? Wallet)> wallets, TunnelTally tally, LocalListener listener, bool isOnLocalhost) =>
        (_hops, _wallets, _tally, _listener, _isOnLocalhost) = (hops, wallets, tally, listener, isOnLocalhost);

    /// <summary>The address taken; the first where there are more, all of one port.</summary>
    public IPEndPoint EndPoint => _listener.EndPoint;

    /// <summary>What local programs are told to connect to.</summary>
    public string Authority => _isOnLocalhost ? $"{RelayOptions.Localhost}:{EndPoint.Port}" : EndPoint.ToString();

    public RelayState State => new([.. _wallets.Select(static hop => (hop.Proxy, hop.Wallet?.Count))], _tally.Open, _tally.LastRefusal);

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
        var wallets = new (string Proxy, TokenWallet? Wallet)[settings.Count];
        // Only the first sees where the relay is. What it says goes to the second, unless a place was chosen.
        var told = hops.Length > 1 && options.Geohash is null ? new ToldPlace() : null;
        for (var i = 0; i < hops.Length; i++)
        {
            // Only the last proxy leaves to the destination, so only it is told from where.
            var isLast = i == hops.Length - 1;
            var geohash = isLast && options.Geohash != RelayOptions.NoGeohash ? options.Geohash : null;
            var before = i == 0 ? null : hops[i - 1];
            var name = hops.Length == 1 ? "The proxy" : i == 0 ? "The first proxy" : "The second proxy";
            var peer = new ProxyPeer(settings[i].Proxy, trust, geohash, new TrustNotice(name, loggers.CreateLogger<TrustNotice>()), settings[i].ClientCertificate is { } file ? ClientCertificateFile.Read(file) : null, isLast ? told : null);
            var wallet = Wallet(settings[i], options, sources, time, loggers);
            wallets[i] = (settings[i].Proxy.Authority, wallet);
            hops[i] = new Hop(protocols.Create(peer, before), Credentials(settings[i], options, wallet), name, isLast ? null : told);
        }

        var tally = new TunnelTally(time);
        var dialer = new TunnelDialer(hops[^1], options.ConnectTimeout, time, tally);
        var udp = new UdpRelay(options, dialer, time, loggers.CreateLogger<UdpRelay>());
        var listener = new LocalListener(options, new LocalSession(options, dialer, time, new LocalUsers(options.LocalUsers)), udp, time, loggers.CreateLogger<LocalListener>());
        return new RelayServer(hops, wallets, tally, listener, options.ListensOnLocalhost);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        foreach (var hop in _hops.Reverse()) await hop.DisposeAsync();
    }

    private static TokenWallet? Wallet(HopOptions hop, RelayOptions options, ITokenSourceFactory sources, TimeProvider time, ILoggerFactory loggers) =>
        hop.PresharedKey is null && hop.Issuer is not null
            ? new TokenWallet(sources.Create(hop), new TokensAhead(options.TokensLow, options.TokensHigh), options.ConnectTimeout, time, loggers.CreateLogger<TokenWallet>())
            : null;

    private static IHopCredentials Credentials(HopOptions hop, RelayOptions options, TokenWallet? wallet)
    {
        if (hop.PresharedKey is { } key) return new PresharedCredentials(key);
        return wallet is null ? new CertificateCredentials() : new TokenCredentials(wallet, new ChallengeSelector(hop.Proxy.Authority, hop.Issuer!.Host, options.ExperimentalTokens, options.MetadataTokens));
    }
}
