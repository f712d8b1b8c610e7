using System.Net.Sockets;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>What a tunnel does with bytes, ends and aborts, on each version.</summary>
[Collection(ProductCollection.Name)]
public sealed class TunnelTests(ProductFixture product)
{
    public static TheoryData<ProxyVersion> Versions => new(Enum.GetValues<ProxyVersion>());

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_answer_arrives_whole_after_the_client_has_ended_its_side(ProxyVersion version)
    {
        await using var origin = new TcpOrigin(async (socket, stop) =>
        {
            var received = await ReceiveAllAsync(socket, stop);
            await TcpOrigin.SendAsync(socket, System.Text.Encoding.ASCII.GetBytes(new string('a', 300_000) + received), stop);
        });
        await using var tunnel = await OpenAsync(version, origin);
        await tunnel.SendAsync("question");
        await tunnel.HalfCloseAsync();
        Assert.Equal(new string('a', 300_000) + "question", await tunnel.ReadToEndAsync());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_client_can_still_send_after_the_origin_has_ended_its_side(ProxyVersion version)
    {
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var origin = new TcpOrigin(async (socket, stop) =>
        {
            await TcpOrigin.SendAsync(socket, "farewell"u8.ToArray(), stop);
            socket.Shutdown(SocketShutdown.Send);
            received.SetResult(await ReceiveAllAsync(socket, stop));
        });
        await using var tunnel = await OpenAsync(version, origin);
        // TLS has no half-close that a client could read and still write after, other than close_notify, which SslStream reads as the end.
        Assert.Equal("farewell", await tunnel.ReadToEndAsync());
        await tunnel.SendAsync("one more ");
        await tunnel.SendAsync("thing");
        await tunnel.HalfCloseAsync();
        Assert.Equal("one more thing", await received.Task.WaitAsync(ChildProcess.Patience));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Bytes_sent_with_the_request_reach_the_origin_first(ProxyVersion version)
    {
        await using var origin = TcpOrigin.Echo();
        await using var tunnel = await TunnelProbe.ConnectAsync(
            product.Proxy, version, origin.Authority, [Credentials.Field(ProductFixture.Preshared)], early: "early ");
        Assert.Equal(200, (await tunnel.ReadHeadAsync()).Status);
        await tunnel.SendAsync("late");
        await tunnel.HalfCloseAsync();
        Assert.Equal("early late", await tunnel.ReadToEndAsync());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_reset_by_the_origin_aborts_the_client(ProxyVersion version)
    {
        await using var origin = TcpOrigin.Resetting();
        await using var tunnel = await OpenAsync(version, origin);
        await tunnel.SendAsync("x");
        await Assert.ThrowsAnyAsync<IOException>(tunnel.ReadToEndAsync);
        // RFC 9113, section 8.5: CONNECT_ERROR.
        if (tunnel is Http2ProbeStream stream) Assert.Equal(0xAu, await stream.ReadResetAsync());
        ProductAssert.LogIsClean(product.Proxy, origin.Authority, tunnel.LocalAddress);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task An_abort_by_the_client_resets_the_origin(ProxyVersion version)
    {
        var ended = new TaskCompletionSource<SocketError>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var origin = new TcpOrigin(async (socket, stop) =>
        {
            try
            {
                await ReceiveAllAsync(socket, stop);
                ended.SetResult(SocketError.Success);
            }
            catch (SocketException e)
            {
                ended.SetResult(e.SocketErrorCode);
            }
        });
        await using var tunnel = await OpenAsync(version, origin);
        await tunnel.SendAsync("x");
        await tunnel.ResetAsync();
        Assert.Equal(SocketError.ConnectionReset, await ended.Task.WaitAsync(ChildProcess.Patience));
        ProductAssert.LogIsClean(product.Proxy, origin.Authority, tunnel.LocalAddress);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_the_origin_sends_before_its_end_arrives_whole_after_the_client_has_ended(ProxyVersion version)
    {
        const int Size = 8_000_000;
        await using var origin = new TcpOrigin(async (socket, stop) =>
        {
            foreach (var chunk in Payload.Chunks(Size)) await TcpOrigin.SendAsync(socket, chunk, stop);
            socket.Shutdown(SocketShutdown.Send);
        });
        await using var tunnel = await OpenAsync(version, origin);
        var first = await tunnel.ReadAsync(1000);
        await tunnel.HalfCloseAsync();
        var bytes = System.Text.Encoding.Latin1.GetBytes(first + await tunnel.ReadToEndAsync());
        Assert.Equal(Payload.Hash(Size), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    private static async Task<string> ReceiveAllAsync(Socket socket, CancellationToken stop)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, stop) is var read and > 0) text.Append(System.Text.Encoding.Latin1.GetString(buffer, 0, read));
        return text.ToString();
    }

    private Task<ITunnelProbe> OpenAsync(ProxyVersion version, TcpOrigin origin) =>
        TunnelProbe.OpenAsync(product.Proxy, version, origin.Authority, ProductFixture.Preshared);
}
