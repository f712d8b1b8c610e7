using Microsoft.Extensions.Time.Testing;
using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using PrivacyProxy.Requests;
using Masque.Tunnels;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.Tests.Http3;

/// <summary>The relay's HTTP/3 to the proxy's HTTP/3, over streams in memory: all of both but QUIC.</summary>
public sealed class RelayUpstreamTests : IAsyncLifetime
{
    private const int Tunnels = 20;
    private const int Size = 1_000_000;

    private ProxyFixture _proxy = null!;
    private Hop _hop = null!;
    private TunnelDialer _dialer = null!;
    private MemoryConnection _last = null!;
    private readonly List<FrailTransport> _transports = [];
    private readonly FakeTimeProvider _time = new();
    private int _streamsAllowed = int.MaxValue;
    private int _connections;

    public async Task InitializeAsync()
    {
        _proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        _proxy.Redeemer.Decide = credentials => credentials.Authorization == "Preshared good" || credentials.ProxyAuthorization == "Preshared good" ? RedemptionResult.PresharedAccepted : RedemptionResult.Missing;
        _hop = Hop("good");
        _dialer = new TunnelDialer(_hop, TestTimes.Limit, TimeProvider.System, new TunnelTally(TimeProvider.System));
    }

    public async Task DisposeAsync()
    {
        await _hop.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task Many_tunnels_share_one_connection_and_carry_every_byte_both_ways()
    {
        await using var echo = TcpOrigin.Echo();
        await Task.WhenAll(Enumerable.Range(0, Tunnels).Select(_ => EchoAsync(echo.Port))).WaitAsync(TestTimes.Limit);
        Assert.Equal(1, _connections);
        Assert.Equal(Tunnels, _proxy.Egress.Seen.Count);
    }

    [Fact]
    public async Task Datagrams_travel_whole()
    {
        using var echo = new UdpEcho();
        await using var tunnel = await _dialer.OpenUdpAsync(Destination.Create("origin.example", echo.Port)!, CancellationToken.None);
        foreach (var size in new[] { 1, 1200, 60_000 })
        {
            var sent = RandomNumberGenerator.GetBytes(size);
            tunnel.Write(sent);
            await tunnel.FlushAsync(CancellationToken.None);
            var received = await tunnel.ReceiveAsync(CancellationToken.None).AsTask().WaitAsync(TestTimes.Limit);
            Assert.Equal(sent, received!.Value.ToArray());
        }
    }

    [Fact]
    public async Task A_refusal_is_told()
    {
        await using var hop = Hop("bad");
        var dialer = new TunnelDialer(hop, TestTimes.Limit, TimeProvider.System, new TunnelTally(TimeProvider.System));
        var e = await Assert.ThrowsAsync<TunnelException>(() => dialer.OpenAsync(Destination.Create("origin.example", 443)!, CancellationToken.None).AsTask());
        Assert.Equal((TunnelError.Denied, 401), (e.Error, e.ProxyAnswered));
    }

    [Fact]
    public async Task A_proxy_that_knows_no_connect_tcp_is_asked_by_CONNECT_and_carries_every_byte_both_ways()
    {
        await using var echo = TcpOrigin.Echo();
        var unknown = 0;
        _proxy.IsUnknown = context => IsConnectTcp(context) && Interlocked.Increment(ref unknown) > 0;
        await EchoAsync(echo.Port);
        await EchoAsync(echo.Port);
        // What was found out is remembered.
        Assert.Equal((1, 2, 1), (unknown, _proxy.Egress.Seen.Count, _connections));
        _time.Advance(TimeSpan.FromMinutes(10));
        _proxy.IsUnknown = null;
        await EchoAsync(echo.Port);
    }

    [Fact]
    public async Task A_tunnel_by_CONNECT_that_is_given_up_is_cut_at_the_destination()
    {
        await using var echo = TcpOrigin.Echo();
        _proxy.IsUnknown = IsConnectTcp;
        var tunnel = await OpenAsync(echo.Port);
        await tunnel.WriteAsync(new byte[] { 1 });
        Assert.Equal((byte)1, await tunnel.PeekAsync(CancellationToken.None).AsTask().WaitAsync(TestTimes.Limit));
        await tunnel.DisposeAsync();
        await TestTimes.UntilAsync(() => _proxy.Registry.Count == 0);
    }

    [Fact]
    public async Task A_refusal_of_a_tunnel_by_CONNECT_is_told()
    {
        _proxy.IsUnknown = IsConnectTcp;
        await using var hop = Hop("bad");
        var dialer = new TunnelDialer(hop, TestTimes.Limit, TimeProvider.System, new TunnelTally(TimeProvider.System));
        var e = await Assert.ThrowsAsync<TunnelException>(() => dialer.OpenAsync(Destination.Create("origin.example", 443)!, CancellationToken.None).AsTask());
        Assert.Equal((TunnelError.Denied, 407), (e.Error, e.ProxyAnswered));
    }

    [Fact]
    public async Task A_lost_connection_is_replaced()
    {
        await using var echo = TcpOrigin.Echo();
        await EchoAsync(echo.Port);
        await _last.CloseAsync(Testing.Http3.Client.Http3Codes.NoError);
        using var timeout = new CancellationTokenSource(TestTimes.Limit);
        // A tunnel that is asked for before the loss is noticed may fail with it.
        while (_connections == 1) await OpenOrFailAsync(echo.Port).WaitAsync(timeout.Token);
        await EchoAsync(echo.Port);
        Assert.Equal(2, _connections);
    }

    [Fact]
    public async Task More_tunnels_than_the_proxy_allows_on_a_connection_open_another_one()
    {
        await using var echo = TcpOrigin.Echo();
        _streamsAllowed = 5;
        var tunnels = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => OpenAsync(echo.Port))).WaitAsync(TestTimes.Limit);
        Assert.Equal(3, _connections);
        foreach (var tunnel in tunnels) await tunnel.DisposeAsync();
    }

    [Fact]
    public async Task A_proxy_that_has_gone_without_a_word_is_asked_anew()
    {
        await using var echo = TcpOrigin.Echo();
        await EchoAsync(echo.Port);
        _transports[0].IsSilent = true;
        await EchoAsync(echo.Port).WaitAsync(TestTimes.Limit);
        Assert.Equal(2, _connections);
    }

    [Fact]
    public async Task A_connection_without_tunnels_is_closed()
    {
        await using var echo = TcpOrigin.Echo();
        var tunnel = await OpenAsync(echo.Port);
        for (var i = 0; i < 4; i++) _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_last.Closed.IsCompleted);
        await tunnel.DisposeAsync();
        using var timeout = new CancellationTokenSource(TestTimes.Limit);
        // The tunnel's place is given back a moment after it ends.
        while (!_last.Closed.IsCompleted)
        {
            timeout.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await EchoAsync(echo.Port);
        Assert.Equal(2, _connections);
    }

    private static bool IsConnectTcp(HttpContext context) => context.Request.Path.StartsWithSegments("/.well-known/masque/tcp", StringComparison.Ordinal);

    private Task<DuplexStream> OpenAsync(int port) => _dialer.OpenAsync(Destination.Create("origin.example", port)!, CancellationToken.None).AsTask();

    private Hop Hop(string key)
    {
        var peer = new ProxyPeer(new Uri("https://proxy.test"), new TrustPolicy([]), geohash: null);
        return new Hop(new Http3Hop(peer, (_, _) => new ValueTask<IQuicTransport>(Connect()), _time), new PresharedCredentials(key), "The proxy");
    }

    private FrailTransport Connect()
    {
        _connections++;
        var transport = new FrailTransport(new RelayTransport(_last = _proxy.Http3.Connect()), _streamsAllowed);
        _transports.Add(transport);
        return transport;
    }

    private async Task OpenOrFailAsync(int port)
    {
        try
        {
            await EchoAsync(port);
        }
        catch (TunnelException)
        {
            // Lost with its connection.
        }
    }

    private async Task EchoAsync(int port)
    {
        await using var tunnel = await _dialer.OpenAsync(Destination.Create("origin.example", port)!, CancellationToken.None);
        var sent = RandomNumberGenerator.GetBytes(Size);
        var sending = Task.Run(async () =>
        {
            await tunnel.WriteAsync(sent);
            await tunnel.CompleteWritesAsync(CancellationToken.None);
        });
        using var received = new MemoryStream();
        await tunnel.CopyToAsync(received);
        await sending;
        Assert.Equal(sent, received.ToArray());
    }

    /// <summary>A connection that allows so many streams, and that may fall silent.</summary>
    private sealed class FrailTransport(RelayTransport transport, int streamsAllowed) : IQuicTransport
    {
        private readonly SemaphoreSlim _places = new(streamsAllowed);

        public bool IsSilent { get; set; }

        public ValueTask<DuplexStream> OpenAsync(bool bidirectional, CancellationToken cancellationToken) => transport.OpenAsync(bidirectional, cancellationToken);

        public async ValueTask<RequestStream?> TryOpenRequestAsync(CancellationToken cancellationToken)
        {
            if (!await _places.WaitAsync(0, cancellationToken)) return null;
            if (!IsSilent) return await transport.TryOpenRequestAsync(cancellationToken);
            var silent = new SilentStream();
            return new RequestStream(new DuplexStream(silent, silent), Id: -1);
        }

        public ValueTask<DuplexStream> AcceptAsync(CancellationToken cancellationToken) => transport.AcceptAsync(cancellationToken);

        public ValueTask DisposeAsync() => transport.DisposeAsync();
    }

    private sealed class SilentStream : TunnelStream, IStreamEnds
    {
        private readonly TaskCompletionSource<int> _nothing = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => await _nothing.Task.WaitAsync(cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask CompleteWritesAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Abort() => _nothing.TrySetException(new IOException("The test aborts it."));
    }
}
