using System.Net.Sockets;
using System.Security.Cryptography;

namespace PrivacyProxy.Tests.Http3;

/// <summary>Frames of clients in tunnels over real QUIC, those that real clients send and those that none may.</summary>
public sealed class TunnelFrameTests
{
    [SkippableFact]
    public async Task A_frame_larger_than_anything_that_is_buffered_passes_through_as_it_comes()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false));
        var (tunnel, server) = await OpenAsync(client, origin);
        using var accepted = server;
        var bytes = RandomNumberGenerator.GetBytes(6_000_000);
        // The header alone, then its payload: what came of it goes on before the rest is there.
        await tunnel.SendRawAsync(FrameWriter.Integers(Http3Codes.DataFrame, (ulong)bytes.Length));
        await tunnel.SendRawAsync(bytes.AsMemory(0, 1));
        var received = new byte[bytes.Length];
        Assert.Equal(1, await server.ReceiveAsync(received).WaitAsync(TestTimes.Limit));
        var sending = tunnel.SendRawAsync(bytes.AsMemory(1)).AsTask();
        for (var read = 1; read < received.Length;) read += await server.ReceiveAsync(received.AsMemory(read)).AsTask().WaitAsync(TestTimes.Limit);
        await sending.WaitAsync(TestTimes.Limit);
        Assert.Equal(bytes, received);
    }

    [SkippableFact]
    public async Task Frames_that_nobody_knows_are_skipped_wherever_they_stand()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false));
        var (tunnel, server) = await OpenAsync(client, origin);
        using var accepted = server;
        await tunnel.SendRawAsync((byte[])[.. FrameWriter.Frame(0x21, new byte[70_000]), .. FrameWriter.Frame(0, "a"u8), .. FrameWriter.Frame(0x40, []), .. FrameWriter.Frame(0, "b"u8)]);
        var received = new byte[2];
        for (var read = 0; read < 2;) read += await server.ReceiveAsync(received.AsMemory(read)).AsTask().WaitAsync(TestTimes.Limit);
        Assert.Equal("ab"u8.ToArray(), received);

        // An end in order passes through, and the other side's after it.
        tunnel.End();
        Assert.Equal(0, await server.ReceiveAsync(received).WaitAsync(TestTimes.Limit));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await tunnel.ReadAsync(received).WaitAsync(TestTimes.Limit));
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory]
    [InlineData("0400", false, Http3Codes.FrameUnexpected)]
    [InlineData("0000010100", false, Http3Codes.FrameUnexpected)]
    [InlineData("000561", true, Http3Codes.FrameError)]
    public async Task A_client_that_breaks_the_rules_of_frames_loses_its_connection_and_its_tunnels_end(string frames, bool ends, long code)
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        using var origin = new TestOrigin();
        var quic = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        await using var client = await Http3Client.OpenAsync(quic);
        var (tunnel, server) = await OpenAsync(client, origin);
        using var accepted = server;
        await tunnel.SendRawAsync(Convert.FromHexString(frames));
        if (ends) tunnel.End();
        Assert.Equal(code, (await quic.Quic.Closed.WaitAsync(TestTimes.Limit)).ApplicationErrorCode);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
    }

    [SkippableFact]
    public async Task A_request_with_a_body_that_is_no_tunnel_is_served_whole()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        proxy.Serves = static async context => await context.Request.Body.CopyToAsync(context.Response.Body);
        await using var client = await Http3Client.OpenAsync(await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false));
        var request = await client.RequestAsync([new(":method", "POST"), new(":scheme", "https"), new(":authority", "proxy.test"), new(":path", "/echo")]);
        await request.SendDataAsync("some"u8.ToArray());
        await request.SendDataAsync("thing"u8.ToArray());
        request.End();
        Assert.Equal(200, (await request.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        var answer = new byte[9];
        for (var read = 0; read < 9;) read += await request.ReadAsync(answer.AsMemory(read)).WaitAsync(TestTimes.Limit);
        Assert.Equal("something"u8.ToArray(), answer);
        Assert.Equal(0, await request.ReadAsync(answer).WaitAsync(TestTimes.Limit));
    }

    private static async Task<(Http3Request Tunnel, Socket Server)> OpenAsync(Http3Client client, TestOrigin origin)
    {
        var tunnel = await client.RequestAsync(Http3Fields.Connect(origin.Authority, Http3Fields.Good));
        var server = await origin.AcceptAsync();
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        return (tunnel, server);
    }
}
