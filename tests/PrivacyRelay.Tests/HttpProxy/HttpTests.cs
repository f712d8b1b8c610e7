using System.Net.Sockets;
using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.HttpProxy;

public sealed class HttpTests : RelayTests
{
    [Fact]
    public async Task Connect_opens_a_tunnel_with_early_data_in_front()
    {
        await using var client = await SendAsync($"CONNECT origin.example:{Echo.Port} HTTP/1.1\r\nHost: origin.example:{Echo.Port}\r\n\r\nearly");
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("HTTP/1.1 200 Connection established\r\n\r\nearly", await TestRelay.ReadToEndAsync(client));
    }

    /// <summary>RFC 9112, section 2.2.</summary>
    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n")]
    public async Task Empty_lines_before_the_request_line_are_ignored(string lines)
    {
        await using var client = await SendAsync($"{lines}CONNECT origin.example:{Echo.Port} HTTP/1.1\r\nHost: origin.example:{Echo.Port}\r\n\r\nearly");
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("HTTP/1.1 200 Connection established\r\n\r\nearly", await TestRelay.ReadToEndAsync(client));
    }

    [Fact]
    public async Task What_the_origin_says_first_arrives_even_in_one_packet_with_the_proxys_answer()
    {
        Proxy.Greeting = "220 ready\r\n"u8.ToArray();
        await using var client = await SendAsync($"CONNECT origin.example:{Echo.Port} HTTP/1.1\r\n\r\n");
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.EndsWith("\r\n\r\n220 ready\r\n", await TestRelay.ReadToEndAsync(client));
    }

    [Fact]
    public async Task The_local_clients_own_proxy_credentials_go_nowhere()
    {
        await using var client = await SendAsync($"CONNECT origin.example:{Echo.Port} HTTP/1.1\r\nProxy-Authorization: Basic c2VjcmV0\r\nX-Secret: 1\r\n\r\n");
        client.Socket.Shutdown(SocketShutdown.Send);
        await TestRelay.ReadToEndAsync(client);
        Assert.All(Proxy.Requests, r => Assert.DoesNotContain("c2VjcmV0", r.Head));
        Assert.All(Proxy.Requests, r => Assert.DoesNotContain("X-Secret", r.Head));
    }

    [Theory]
    [InlineData("\x16\x03\x01\x02\x00", "400")]
    [InlineData("garbage\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET https://a.example/ HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET http://a.example/ HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET http://user@a.example/ HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET http://a.example/ HTTP/2.0\r\n\r\n", "505")]
    [InlineData("GET http://a.example/ HTTP/1.1\r\nbad field\r\n\r\n", "400")]
    [InlineData("GET http://a.example/ HTTP/1.1\r\nA: 1\r\n folded\r\n\r\n", "400")]
    [InlineData("CONNECT a.example HTTP/1.1\r\n\r\n", "400")]
    [InlineData("CONNECT a.example:0 HTTP/1.1\r\n\r\n", "400")]
    [InlineData("CONNECT a.example:65536 HTTP/1.1\r\n\r\n", "400")]
    [InlineData("CONNECT :443 HTTP/1.1\r\n\r\n", "400")]
    [InlineData("CONNECT [::1]443 HTTP/1.1\r\n\r\n", "400")]
    [InlineData("CONNECT http://a.example:443/ HTTP/1.1\r\n\r\n", "400")]
    [InlineData("POST http://a.example/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400")]
    [InlineData("POST http://a.example/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400")]
    [InlineData("POST http://a.example/ HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("POST http://a.example/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501")]
    public async Task Bad_input_gets_its_status_and_the_connection_closes(string request, string status)
    {
        await using var client = await SendAsync(request);
        var answer = await TestRelay.ReadToEndAsync(client);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("Connection: close\r\n", answer);
        Assert.Empty(Proxy.Requests);
    }

    [Fact]
    public async Task A_head_that_is_too_long_gets_431()
    {
        await using var client = await SendAsync("GET http://a.example/ HTTP/1.1\r\nA: " + new string('a', 40_000) + "\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", await TestRelay.ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_head_that_does_not_end_in_time_gets_408()
    {
        var options = TestRelay.Options(roots: null, new HopOptions(Proxy.Url, issuer: null, "k"));
        await using var relay = TestRelay.Start(Mint, options.With(o => o.HandshakeTimeout = TestRelay.Quick));
        await using var client = await relay.ConnectAsync();
        await client.WriteAsync("GET http://a.example/ HTTP/1.1\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 408 ", await TestRelay.ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_failure_upstream_becomes_502_with_the_proxys_status_and_a_sentence()
    {
        Proxy.FixedAnswer = "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: far; error=connection_refused\r\nContent-Length: 0\r\n\r\n";
        await using var client = await SendAsync("CONNECT origin.example:443 HTTP/1.1\r\n\r\n");
        var answer = await TestRelay.ReadToEndAsync(client);
        Assert.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", answer);
        Assert.Contains("Proxy-Status: far; error=connection_refused, privacy-relay; error=connection_refused; received-status=502\r\n", answer);
        Assert.EndsWith("The proxy answered 502: the destination refused the connection.\n", answer);
    }

    private async Task<NetworkStream> SendAsync(string text)
    {
        var client = await Relay.ConnectAsync();
        await client.WriteAsync(Encoding.Latin1.GetBytes(text));
        return client;
    }
}
