using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using MsQuic;
using Tunneling.Admission;

namespace PrivacyProxy.Tests.Http3;

/// <summary>Tunnels over real QUIC, which Kestrel does not see: what it does for its own requests has to hold for them too.</summary>
public sealed class TunnelsPastKestrelTests
{
    private const long RequestRejected = 0x10b, MessageError = 0x10e;

    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(1);

    [SkippableFact]
    public async Task A_connection_that_has_tunnels_alone_is_not_idle_and_is_closed_once_it_has_had_none_for_a_while()
    {
        var time = new FakeTimeProvider();
        await using var proxy = await StartAsync(time, keepAlive: _keepAlive);
        using var origin = new TestOrigin();
        var connection = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        await using var client = await Http3Client.OpenAsync(connection);
        var (tunnel, server) = await OpenAsync(client, origin);
        // Kestrel looks once a second.
        await Task.Delay(3 * _keepAlive);
        await EchoAsync(tunnel, server);
        tunnel.End();
        server.Dispose();
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        // Another one in time keeps it.
        var (next, nextServer) = await OpenAsync(client, origin);
        time.Advance(TimeSpan.FromSeconds(10));
        await Task.Delay(3 * _keepAlive);
        await EchoAsync(next, nextServer);
        next.End();
        nextServer.Dispose();
        Assert.False(connection.Quic.Closed.IsCompleted);
        await TestTimes.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return connection.Quic.Closed.IsCompleted;
        });
    }

    /// <summary>A connection that stayed a stranger for long is asked to end by its next request.</summary>
    [SkippableFact]
    public async Task On_a_connection_that_is_to_end_open_tunnels_go_on_and_new_ones_are_refused()
    {
        var time = new FakeTimeProvider();
        var limits = new AdmissionLimits { Places = 100 };
        await using var proxy = await StartAsync(time, limits: limits);
        using var origin = new TestOrigin();
        var connection = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        await using var client = await Http3Client.OpenAsync(connection);
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 1);
        time.Advance(limits.MaxStrangerStay);
        var (tunnel, server) = await OpenAsync(client, origin);
        await client.GoAway.WaitAsync(TestTimes.Limit);
        var refused = await client.RequestAsync(Http3Fields.Connect(origin.Authority, Http3Fields.Good));
        var aborted = await Assert.ThrowsAsync<StreamAbortedException>(() => refused.ReadHeadAsync().WaitAsync(TestTimes.Limit));
        Assert.Equal(RequestRejected, aborted.Code);
        await EchoAsync(tunnel, server);
        server.Dispose();
    }

    [SkippableFact]
    public async Task A_head_that_does_not_come_in_time_ends_its_stream_and_no_other()
    {
        var time = new FakeTimeProvider();
        await using var proxy = await StartAsync(time);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false));
        var (tunnel, server) = await OpenAsync(client, origin);
        using var held = server;
        var slow = await client.NewRequestAsync();
        await slow.SendRawAsync(FrameWriter.Integers(Http3Codes.HeadersFrame, 50));
        var answer = slow.ReadHeadAsync();
        await TestTimes.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return answer.IsCompleted;
        });
        Assert.Equal(RequestRejected, (await Assert.ThrowsAsync<StreamAbortedException>(() => answer)).Code);
        await EchoAsync(tunnel, server);
    }

    [SkippableTheory]
    [InlineData("a path without a protocol", ":path", "/x")]
    [InlineData("a scheme alone", ":scheme", "https")]
    [InlineData("content", "content-length", "5")]
    [InlineData("a field of a connection", "transfer-encoding", "chunked")]
    [InlineData("two authorities", ":authority", "a.test:1")]
    public async Task A_malformed_CONNECT_is_a_stream_error_and_its_connection_goes_on(string what, string name, string value)
    {
        await using var proxy = await StartAsync();
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false));
        KeyValuePair<string, string>[] head = [new(":method", "CONNECT"), new(":authority", origin.Authority), new(name, value), Http3Fields.Good];
        var request = await client.RequestAsync(head);
        var aborted = await Assert.ThrowsAsync<StreamAbortedException>(() => request.ReadHeadAsync().WaitAsync(TestTimes.Limit));
        Assert.True(MessageError == aborted.Code, what);
        var (tunnel, server) = await OpenAsync(client, origin);
        await EchoAsync(tunnel, server);
        server.Dispose();
    }

    [SkippableFact]
    public async Task More_requests_than_a_stranger_may_have_at_a_time_close_its_connection()
    {
        await using var proxy = await StartAsync(limits: new AdmissionLimits { Places = 100, MaxStrangerRequests = 3 });
        proxy.Redeemer.Waits = static cancellationToken => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        var connection = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        await using var client = await Http3Client.OpenAsync(connection);
        for (var i = 0; i < 3; i++) await client.RequestAsync(Http3Fields.Connect("origin.test:1", Http3Fields.Good));
        await TestTimes.UntilAsync(() => proxy.Redeemer.Seen.Count == 3);
        Assert.False(connection.Quic.Closed.IsCompleted);
        await client.RequestAsync(Http3Fields.Connect("origin.test:1", Http3Fields.Good));
        await connection.Quic.Closed.WaitAsync(TestTimes.Limit);
    }

    [SkippableFact]
    public async Task Requests_that_are_reset_before_they_are_read_cost_their_connection_nothing()
    {
        await using var proxy = await StartAsync();
        using var origin = new TestOrigin();
        var connection = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        await using var client = await Http3Client.OpenAsync(connection);
        for (var i = 0; i < 200; i++)
        {
            var request = await client.NewRequestAsync();
            await request.SendRawAsync(new byte[] { 1 });
            request.Reset(Http3Codes.RequestCancelled);
        }

        var (tunnel, server) = await OpenAsync(client, origin);
        await EchoAsync(tunnel, server);
        server.Dispose();
    }

    [SkippableFact]
    public async Task A_client_that_vanishes_leaves_nothing_behind()
    {
        await using var proxy = await StartAsync();
        using var origin = new TestOrigin();
        var connection = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        var client = await Http3Client.OpenAsync(connection);
        var (_, server) = await OpenAsync(client, origin);
        await client.NewRequestAsync();
        await client.DisposeAsync();
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0 && proxy.Connections.Connections == 0);
        // The destination is not left open, and not ended as if all was said.
        await Assert.ThrowsAsync<SocketException>(() => server.ReceiveAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        Assert.Empty(proxy.Logs.Lines);
    }

    private static Task<ProxyFixture> StartAsync(TimeProvider? time = null, TimeSpan? keepAlive = null, AdmissionLimits? limits = null)
    {
        Skip.If(!QuicLibrary.IsSupported, QuicLibrary.Problem);
        return ProxyFixture.StartAsync(tls: true, time: time, quic: true, keepAlive: keepAlive, limits: limits);
    }

    private static async Task<(Http3Request Tunnel, Socket Server)> OpenAsync(Http3Client client, TestOrigin origin)
    {
        var tunnel = await client.RequestAsync(Http3Fields.Connect(origin.Authority, Http3Fields.Good));
        var server = await origin.AcceptAsync();
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        return (tunnel, server);
    }

    private static async Task EchoAsync(Http3Request tunnel, Socket server)
    {
        await tunnel.SendDataAsync("up"u8.ToArray());
        var received = new byte[2];
        for (var read = 0; read < 2;) read += await server.ReceiveAsync(received.AsMemory(read)).AsTask().WaitAsync(TestTimes.Limit);
        Assert.Equal("up"u8.ToArray(), received);
        await server.SendAsync("on"u8.ToArray());
        for (var read = 0; read < 2;) read += await tunnel.ReadAsync(received.AsMemory(read)).WaitAsync(TestTimes.Limit);
        Assert.Equal("on"u8.ToArray(), received);
    }
}
