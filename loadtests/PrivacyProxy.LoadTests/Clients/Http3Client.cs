using System.Diagnostics;
using System.Net;
using System.Net.Quic;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>HTTP/3 by the relay's client: extended CONNECT (connect-tcp), which this proxy and few others speak.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
internal sealed class Http3Client : ITunnelClient
{
    private readonly ProxyPeer _peer;
    private readonly Lazy<Task<Http3Connection>>[] _connections;
    private int _next;

    /// <param name="proxy">Where; its certificate must be good.</param>
    /// <param name="connections">How many are open.</param>
    /// <exception cref="IOException">There is no QUIC here.</exception>
    public Http3Client(ProxyAddress proxy, int connections)
    {
        if (!QuicConnection.IsSupported) throw new IOException("HTTP/3 needs QUIC, which is not here: install libmsquic.");
        var roots = new X509Certificate2Collection();
        if (proxy.CaFile is { } file) roots.ImportFromPemFile(file);
        _peer = new ProxyPeer(new UriBuilder(Uri.UriSchemeHttps, proxy.Host, proxy.Port).Uri, new TrustPolicy(roots), geohash: null);
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new Lazy<Task<Http3Connection>>(ConnectAsync))];
    }

    public async ValueTask<ClientTunnel> OpenAsync(string target, string? credential, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _connections[(int)((uint)Interlocked.Increment(ref _next) % _connections.Length)].Value;
            if (!connection.TryTakePlace()) throw new IOException("The connection takes no more tunnels: more --connections are needed.");
            var end = IPEndPoint.Parse(target);
            using var authorization = new HopAuthorization(credential, challenge: null);
            var askedAt = Stopwatch.GetTimestamp();
            var answer = await connection.AskAsync(_peer, TunnelKind.Tcp, Destination.Create(end.Address.ToString(), end.Port)!, authorization, cancellationToken)
                ?? throw new IOException("The proxy does not answer.");
            return answer.Tunnel is { } tunnel ? new Http3Tunnel(tunnel, askedAt, Stopwatch.GetTimestamp()) : throw new IOException($"The proxy answered {answer.Response.Status}.");
        }
        catch (Exception e) when (e is TunnelException or QuicException or TimeoutException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Where(static connection => connection.IsValueCreated))
        {
            try
            {
                await (await connection.Value).DisposeAsync();
            }
            catch (Exception e) when (e is IOException or QuicException or TimeoutException or System.Security.Authentication.AuthenticationException)
            {
                // It never was; whoever wanted it knows.
            }
        }
    }

    private async Task<Http3Connection> ConnectAsync() => await Http3Connection.OpenAsync(await QuicTransport.ConnectAsync(_peer, CancellationToken.None), CancellationToken.None);

    private sealed class Http3Tunnel(DuplexStream stream, long askedAt, long answeredAt) : ClientTunnel(askedAt, answeredAt)
    {
        private bool _isCompleted;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => stream.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => stream.WriteAsync(bytes, cancellationToken);

        public override ValueTask CompleteAsync(CancellationToken cancellationToken)
        {
            _isCompleted = true;
            return stream.CompleteWritesAsync(cancellationToken);
        }

        public override ValueTask DisposeAsync()
        {
            if (!_isCompleted) stream.Abort();
            return stream.DisposeAsync();
        }
    }
}
