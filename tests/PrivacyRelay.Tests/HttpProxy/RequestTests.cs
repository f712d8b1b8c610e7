using System.Net.Sockets;
using System.Text;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.HttpProxy;

/// <summary>What an origin gets of a request, what goes no further, and what is refused.</summary>
public sealed class RequestTests : RelayTests
{
    private const string Hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    [Theory]
    [InlineData("OPTIONS", "", "*")]
    [InlineData("OPTIONS", "/", "/")]
    [InlineData("OPTIONS", "?a", "/?a")]
    [InlineData("GET", "", "/")]
    [InlineData("GET", "?a=b?c", "/?a=b?c")]
    [InlineData("GET", "/a/../%7e//b;c", "/a/../%7e//b;c")]
    [InlineData("PROPFIND", "/x", "/x")]
    public async Task The_target_is_passed_on_as_it_is(string method, string path, string target)
    {
        await using var origin = new ScriptedOrigin(Hello);
        await AskAsync($"{method} {origin.Url}{path} HTTP/1.1\r\nHost: wrong.example\r\n\r\n", Hello.Length);
        Assert.Equal($"{method} {target} HTTP/1.1\r\nHost: origin.example:{origin.Port}\r\n\r\n", Assert.Single(origin.Requests));
    }

    [Fact]
    public async Task Only_what_is_for_the_origin_is_passed_on_and_nothing_is_added()
    {
        await using var origin = new ScriptedOrigin(Hello);
        await AskAsync(
            $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\nConnection: keep-alive, X-Hop, Host\r\nX-Hop: 1\r\nX-End: 2\r\nTE: trailers\r\n" +
            "Keep-Alive: 5\r\nProxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nVia: 1.1 mine\r\nMax-Forwards: 3\r\nCookie: a=b\r\n\r\n",
            Hello.Length);
        Assert.Equal($"GET / HTTP/1.1\r\nHost: origin.example:{origin.Port}\r\nX-End: 2\r\nVia: 1.1 mine\r\nMax-Forwards: 3\r\nCookie: a=b\r\n\r\n", Assert.Single(origin.Requests));
    }

    [Theory]
    [InlineData("OPTIONS", "1", "Max-Forwards: 0")]
    [InlineData("TRACE", "10", "Max-Forwards: 9")]
    [InlineData("OPTIONS", "99999999999999999999", "Max-Forwards: 9223372036854775806")]
    public async Task Max_Forwards_counts_down(string method, string given, string passedOn)
    {
        await using var origin = new ScriptedOrigin(Hello);
        await AskAsync($"{method} {origin.Url}/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: {given}\r\n\r\n", Hello.Length);
        Assert.Contains($"\r\n{passedOn}\r\n", Assert.Single(origin.Requests));
    }

    [Fact]
    public async Task At_zero_the_relay_answers_itself()
    {
        await using var origin = new ScriptedOrigin(Hello);
        Assert.Equal("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", await AskToEndAsync($"OPTIONS {origin.Url} HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n"));
        var trace = await AskToEndAsync($"TRACE {origin.Url}/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\nCookie: secret\r\nAuthorization: secret\r\nProxy-Authorization: secret\r\n\r\n");
        Assert.Contains("Content-Type: message/http\r\n", trace);
        Assert.EndsWith($"\r\n\r\nTRACE {origin.Url}/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n", trace);
        Assert.StartsWith("HTTP/1.1 400 ", await AskToEndAsync($"OPTIONS {origin.Url} HTTP/1.1\r\nHost: x\r\nMax-Forwards: -1\r\n\r\n"));
        Assert.Equal(0, origin.Accepted);
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("http")]
    public async Task A_WebSocket_opens_and_carries_bytes_both_ways(string scheme)
    {
        const string Switch = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: y\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        string? head = null;
        await using var origin = new LoopbackServer(async (socket, cancellationToken) =>
        {
            var buffer = new byte[4096];
            head = Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, cancellationToken));
            await socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\nfirst"), cancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.CopyToAsync(stream, cancellationToken);
        });
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes($"GET {scheme}://origin.example:{origin.Port}/chat HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n"));
        Assert.Equal(Switch + "first", Encoding.ASCII.GetString(await TestRelay.ReadAsync(client, Switch.Length + 5)));
        await TestRelay.EchoAsync(client);
        Assert.Equal($"GET /chat HTTP/1.1\r\nHost: origin.example:{origin.Port}\r\nSec-WebSocket-Key: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", head);
    }

    /// <summary>What two parsers may read in two ways goes to no origin.</summary>
    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "400")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "400")]
    [InlineData("Content-Length: 4\r\nContent-Length: 5\r\n", "400")]
    [InlineData("Content-Length: 4\r\nContent-Length: 4\r\n", "400")]
    [InlineData("Content-Length: 4, 4\r\n", "400")]
    [InlineData("Content-Length: +4\r\n", "400")]
    [InlineData("Content-Length: 0x4\r\n", "400")]
    [InlineData("Content-Length: 4 4\r\n", "400")]
    [InlineData("Content-Length:\r\n", "400")]
    [InlineData("Content-Length: 18446744073709551616\r\n", "400")]
    [InlineData("Content-Length : 4\r\n", "400")]
    [InlineData("Transfer-Encoding : chunked\r\n", "400")]
    [InlineData("Transfer-Encoding\r\n: chunked\r\n", "400")]
    [InlineData("Transfer-Encoding: chunked\r\n folded\r\n", "400")]
    [InlineData("Transfer-Encoding: \vchunked\r\n", "400")]
    [InlineData("Transfer-Encoding: xchunked\r\n", "501")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n", "501")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "501")]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n", "501")]
    [InlineData("Transfer-Encoding:\r\n", "501")]
    [InlineData("X: a\rTransfer-Encoding: chunked\r\n", "400")]
    [InlineData("X: a\nTransfer-Encoding: chunked\r\n", "400")]
    [InlineData("X: a\0b\r\n", "400")]
    [InlineData(" X: a\r\n", "400")]
    [InlineData("Host: y\r\n", "400")]
    public async Task Ambiguous_framing_is_refused(string fields, string status)
    {
        await using var origin = new ScriptedOrigin(Hello);
        var answer = await AskToEndAsync($"POST {origin.Url}/ HTTP/1.1\r\nHost: x\r\n{fields}\r\n0\r\n\r\nGET {origin.Url}/smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Single(answer.Split("HTTP/1.1 ").Skip(1));
        Assert.Equal(0, origin.Accepted);
    }

    [Theory]
    [InlineData("HTTP/1.0", "Transfer-Encoding: chunked\r\n")]
    [InlineData("HTTP/1.1\t", "")]
    [InlineData("HTTP/1.1 ", "")]
    [InlineData("HTTP/1.1x", "")]
    public async Task A_request_line_and_version_are_taken_word_by_word(string version, string fields)
    {
        await using var origin = new ScriptedOrigin(Hello);
        Assert.Matches("^HTTP/1.1 (400|505) ", await AskToEndAsync($"POST {origin.Url}/ {version}\r\nHost: x\r\n{fields}\r\n"));
        Assert.Equal(0, origin.Accepted);
    }

    [Theory]
    [InlineData("5\r\nab")]
    [InlineData("2\r\nabX")]
    [InlineData("2 \r\nab\r\n0\r\n\r\n")]
    [InlineData("2\nab\r\n0\r\n\r\n")]
    [InlineData("fffffffffffffffff\r\n")]
    [InlineData("-2\r\nab\r\n")]
    [InlineData("0\r\nX: a\nGET / HTTP/1.1\r\n\r\n")]
    public async Task After_a_broken_body_nothing_is_taken_for_a_request(string body)
    {
        await using var origin = new ScriptedOrigin(Hello);
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes($"POST {origin.Url}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
        client.Socket.Shutdown(SocketShutdown.Send);
        string? answer = null;
        var failure = await Record.ExceptionAsync(async () => answer = await TestRelay.ReadToEndAsync(client));
        Assert.True(failure is IOException || answer!.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), answer);
        Assert.Empty(origin.Requests);
    }

    [Theory]
    [InlineData("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nContent-Length: 4\r\n\r\nbody")]
    [InlineData("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task CONNECT_has_no_content(string request)
    {
        Assert.StartsWith("HTTP/1.1 400 ", await AskToEndAsync(request));
        Assert.Empty(Proxy.Requests);
    }

    [Fact]
    public async Task A_refusal_of_HEAD_has_no_content()
    {
        Proxy.FixedAnswer = "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: far; error=connection_refused\r\nContent-Length: 0\r\n\r\n";
        var answer = await AskToEndAsync("HEAD http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502 ", answer);
        Assert.EndsWith("\r\n\r\n", answer);
    }

    private async Task<string> AskAsync(string request, int length)
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Encoding.Latin1.GetBytes(request));
        return Encoding.Latin1.GetString(await TestRelay.ReadAsync(client, length));
    }

    private async Task<string> AskToEndAsync(string request)
    {
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Encoding.Latin1.GetBytes(request));
        return await TestRelay.ReadToEndAsync(client);
    }
}
