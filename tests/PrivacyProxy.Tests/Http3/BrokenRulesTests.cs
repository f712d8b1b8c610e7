using System.Net.Sockets;

namespace PrivacyProxy.Tests.Http3;

/// <summary>What clients must not send outside of tunnels, over the transport in memory and real QUIC.</summary>
public sealed class BrokenRulesTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_SETTINGS_frame_ends_the_connection_and_its_tunnels(bool isQuic)
    {
        await using var proxy = await StartAsync(isQuic);
        using var origin = new TestOrigin();
        var (connection, closed) = await ConnectAsync(proxy, isQuic);
        await using var client = await Http3Client.OpenAsync(connection);
        using var server = await OpenAsync(client, origin);
        await client.SendControlAsync(FrameWriter.Frame(Http3Codes.SettingsFrame, []));
        Assert.Equal(Http3Codes.FrameUnexpected, await closed.WaitAsync(TestTimes.Limit));
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        // The destination is not left open.
        await Assert.ThrowsAsync<SocketException>(() => server.ReceiveAsync(new byte[1]).WaitAsync(TestTimes.Limit));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_field_section_that_is_too_long_is_refused_and_its_connection_goes_on(bool isQuic)
    {
        await using var proxy = await StartAsync(isQuic);
        using var origin = new TestOrigin();
        var (connection, _) = await ConnectAsync(proxy, isQuic);
        await using var client = await Http3Client.OpenAsync(connection);
        var request = await client.RequestAsync(Http3Fields.Connect(origin.Authority, Http3Fields.Good, new("x-long", new string('a', 20_000)), new("x-longer", new string('b', 20_000))));
        Assert.Equal(431, (await request.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        Assert.Equal(0, proxy.Registry.Count);
        (await OpenAsync(client, origin)).Dispose();
    }

    /// <summary>100 are allowed, pseudo-fields among them, as over HTTP/2.</summary>
    [SkippableTheory]
    [InlineData(97, 200)]
    [InlineData(98, 431)]
    [InlineData(300, 431)]
    public async Task More_fields_than_allowed_are_refused_and_their_connection_goes_on(int more, int status)
    {
        await using var proxy = await StartAsync(isQuic: true);
        using var origin = new TestOrigin();
        var (connection, _) = await ConnectAsync(proxy, isQuic: true);
        await using var client = await Http3Client.OpenAsync(connection);
        var fields = Enumerable.Range(0, more).Select(static i => new KeyValuePair<string, string>($"x-{i}", "1")).Prepend(Http3Fields.Good).ToArray();
        var request = await client.RequestAsync(Http3Fields.Connect(origin.Authority, fields));
        Assert.Equal(status, (await request.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        if (status == 431) (await OpenAsync(client, origin)).Dispose();
    }

    [SkippableTheory]
    [InlineData(Http3Codes.HeadersFrame)]
    [InlineData(0x21ul)]
    public async Task A_frame_that_would_be_waited_for_without_end_ends_its_stream_at_once(ulong type)
    {
        await using var proxy = await StartAsync(isQuic: true);
        using var origin = new TestOrigin();
        var (connection, _) = await ConnectAsync(proxy, isQuic: true);
        await using var client = await Http3Client.OpenAsync(connection);
        var request = await client.NewRequestAsync();
        await request.SendRawAsync((byte[])[.. FrameWriter.Integers(type, 1ul << 30), 0]);
        var aborted = await Assert.ThrowsAsync<StreamAbortedException>(() => request.ReadHeadAsync().WaitAsync(TestTimes.Limit));
        Assert.Equal(Http3Codes.ExcessiveLoad, aborted.Code);
        (await OpenAsync(client, origin)).Dispose();
        Assert.Empty(proxy.Logs.Lines);
    }

    private static Task<ProxyFixture> StartAsync(bool isQuic) => ProxyFixture.StartAsync(isQuic ? TestWay.Http3Quic : TestWay.Http3);

    /// <summary>A connection, and the code that it is closed with.</summary>
    private static async Task<(ITransportConnection Connection, Task<long> Closed)> ConnectAsync(ProxyFixture proxy, bool isQuic)
    {
        if (!isQuic)
        {
            var inMemory = proxy.Http3.Connect();
            return (inMemory, inMemory.Closed);
        }

        var quic = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        return (quic, CodeAsync(quic));
    }

    private static async Task<long> CodeAsync(MsQuicConnection connection) => (await connection.Quic.Closed).ApplicationErrorCode ?? -1;

    private static async Task<Socket> OpenAsync(Http3Client client, TestOrigin origin)
    {
        var tunnel = await client.RequestAsync(Http3Fields.Connect(origin.Authority, Http3Fields.Good));
        var server = await origin.AcceptAsync();
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        return server;
    }
}
