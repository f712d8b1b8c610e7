using System.Net;
using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Socks5;

public sealed class Socks5Tests : RelayTests
{
    [Theory]
    [InlineData("origin.example")]
    [InlineData("-a.test")]
    [InlineData("api-.test")]
    [InlineData("_x.*.a+b~c.test.")]
    public async Task Connect_to_a_domain_opens_a_tunnel_and_the_proxy_gets_the_name(string name)
    {
        await using var client = await Relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, name, Echo.Port));
        await client.WriteAsync("hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await TestRelay.ReadAsync(client, 5));
        Assert.Contains(Proxy.Requests, r => r.Authority == $"{name}:{Echo.Port}");
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("2001:db8::1", "[2001:db8::1]")]
    public async Task Connect_to_an_address_opens_a_tunnel(string address, string written)
    {
        await using var client = await Relay.ConnectAsync();
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        byte[] request = [5, 1, 0, (byte)(bytes.Length == 4 ? 1 : 4), .. bytes, (byte)(Echo.Port >> 8), (byte)Echo.Port];
        await client.WriteAsync(new byte[] { 5, 2, 2, 0 });
        Assert.Equal([5, 0], await TestRelay.ReadAsync(client, 2));
        await client.WriteAsync(request);
        Assert.Equal([5, 0, 0, 1, 0, 0, 0, 0, 0, 0], await TestRelay.ReadAsync(client, 10));
        Assert.Contains(Proxy.Requests, r => r.Authority == $"{written}:{Echo.Port}");
    }

    [Fact]
    public async Task Bytes_sent_before_the_reply_are_not_lost()
    {
        await using var client = await Relay.ConnectAsync();
        byte[] all = [5, 1, 0, .. TestRelay.SocksRequest(1, "origin.example", Echo.Port), .. "early"u8];
        await client.WriteAsync(all);
        await TestRelay.ReadAsync(client, 12);
        Assert.Equal("early"u8.ToArray(), await TestRelay.ReadAsync(client, 5));
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(2, 7)]
    [InlineData(9, 7)]
    public async Task Commands_other_than_connect_and_udp_associate_are_not_supported(byte command, byte reply) =>
        await RefusedAsync(TestRelay.SocksRequest(command, "origin.example", 443), reply);

    [Theory]
    [InlineData(new byte[] { 5, 1, 0, 2, 0, 0, 0, 0 }, 8)] // unknown address type
    [InlineData(new byte[] { 5, 1, 0, 1, 127, 0, 0, 1, 0, 0 }, 1)] // port 0
    [InlineData(new byte[] { 5, 1, 0, 3, 0, 1, 187 }, 1)] // empty domain
    [InlineData(new byte[] { 5, 1, 0, 3, 3, (byte)'a', 0, (byte)'b', 1, 187 }, 1)] // NUL in the domain
    [InlineData(new byte[] { 5, 1, 0, 3, 3, (byte)'a', (byte)'\r', (byte)'\n', 1, 187 }, 1)] // CRLF in the domain
    [InlineData(new byte[] { 4, 1, 0, 1, 127, 0, 0, 1, 1, 187 }, 1)] // another version
    [InlineData(new byte[] { 5, 1, 7, 1, 127, 0, 0, 1, 1, 187 }, 1)] // reserved byte
    public async Task A_bad_request_gets_its_code_and_the_connection_closes(byte[] request, byte reply) => await RefusedAsync(request, reply);

    [Theory]
    [InlineData(new byte[] { 5, 0 })]
    [InlineData(new byte[] { 5, 2, 1, 3 })]
    public async Task A_client_that_offers_only_other_methods_is_refused(byte[] greeting)
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(greeting);
        Assert.Equal("\x05\xFF", await TestRelay.ReadToEndAsync(client));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 5 })]
    [InlineData(new byte[] { 5, 1, 0, 5, 1, 0, 3, 200 })]
    public async Task A_client_that_is_too_slow_is_cut_off(byte[] start)
    {
        var options = TestRelay.Options(roots: null, new HopOptions(Proxy.Url, issuer: null, "k"));
        await using var relay = TestRelay.Start(Mint, options.With(o => o.HandshakeTimeout = TestRelay.Quick));
        await using var client = await relay.ConnectAsync();
        await client.WriteAsync(start);
        await TestRelay.ReadToEndAsync(client);
        Assert.Empty(Proxy.Requests);
    }

    [Theory]
    [InlineData("502 Bad Gateway", "p; error=connection_refused", 5)]
    [InlineData("502 Bad Gateway", "p; error=dns_error; rcode=\"NXDOMAIN\"", 4)]
    [InlineData("502 Bad Gateway", "p; error=destination_ip_prohibited", 2)]
    [InlineData("504 Gateway Timeout", "p; error=connection_timeout", 6)]
    [InlineData("403 Forbidden", "p; error=http_request_denied", 2)]
    [InlineData("500 Internal Server Error", "p; error=proxy_internal_error", 1)]
    public async Task What_the_proxy_says_becomes_a_reply_code(string status, string proxyStatus, byte reply)
    {
        Proxy.FixedAnswer = $"HTTP/1.1 {status}\r\nProxy-Status: {proxyStatus}\r\nContent-Length: 0\r\n\r\n";
        await using var client = await Relay.ConnectAsync();
        Assert.Equal(reply, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        Assert.Empty(await TestRelay.ReadToEndAsync(client));
    }

    [Fact]
    public async Task Half_closes_travel_both_ways_and_no_byte_is_lost()
    {
        var sent = new byte[3_000_000];
        new Random(7).NextBytes(sent);
        await using var client = await Relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        var writing = Task.Run(async () =>
        {
            await client.WriteAsync(sent);
            client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        });
        var received = await TestRelay.ReadToEndAsync(client);
        await writing;
        Assert.Equal(sent, Encoding.Latin1.GetBytes(received));
    }

    [Fact]
    public async Task An_idle_tunnel_is_cut()
    {
        var options = TestRelay.Options(roots: null, new HopOptions(Proxy.Url, new Uri("https://issuer.example"), presharedKey: null));
        await using var relay = TestRelay.Start(Mint, options.With(o => o.IdleTimeout = TestRelay.Quick));
        await using var client = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        var end = await Record.ExceptionAsync(() => TestRelay.ReadToEndAsync(client));
        Assert.IsNotType<OperationCanceledException>(end);
    }

    private async Task RefusedAsync(byte[] request, byte reply)
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(new byte[] { 5, 1, 0 });
        await TestRelay.ReadAsync(client, 2);
        await client.WriteAsync(request);
        Assert.Equal([5, reply, 0, 1, 0, 0, 0, 0, 0, 0], Encoding.Latin1.GetBytes(await TestRelay.ReadToEndAsync(client)));
        Assert.Empty(Proxy.Requests);
    }
}
