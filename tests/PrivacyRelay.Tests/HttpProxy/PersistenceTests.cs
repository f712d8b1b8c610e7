using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.HttpProxy;

/// <summary>Connections of local programs and to origins, over one exchange after another.</summary>
public sealed class PersistenceTests : RelayTests
{
    private const string Hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    [Fact]
    public async Task One_connection_and_one_tunnel_serve_many_requests_to_an_origin()
    {
        await using var origin = new ScriptedOrigin(Hello);
        await using var client = await Relay.ConnectAsync();
        for (var i = 0; i < 5; i++) Assert.Equal(Hello, await AskAsync(client, $"GET {origin.Url}/{i} HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length));
        Assert.Equal(1, origin.Accepted);
        Assert.Single(Proxy.Spent);
        Assert.Equal(["/0", "/1", "/2", "/3", "/4"], origin.Requests.Select(request => request.Split(' ')[1]));
    }

    /// <summary>RFC 9112, section 2.2: some clients send them after a body.</summary>
    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n")]
    public async Task Empty_lines_between_requests_are_ignored_sent_with_either_of_them(string lines)
    {
        await using var origin = new ScriptedOrigin(Hello);
        await using var client = await Relay.ConnectAsync();
        var request = $"POST {origin.Url}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
        Assert.Equal(Hello, await AskAsync(client, request + lines, Hello.Length));
        Assert.Equal(Hello, await AskAsync(client, request, Hello.Length));
        Assert.Equal(Hello, await AskAsync(client, lines + request, Hello.Length));
        Assert.Equal(3, origin.Requests.Count);
    }

    [Fact]
    public async Task After_an_empty_line_the_client_may_think_as_long_as_without_it()
    {
        await using var origin = new ScriptedOrigin(Hello);
        var options = TestRelay.Options(roots: null, new HopOptions(Proxy.Url, new Uri("https://issuer.example"), presharedKey: null));
        await using var relay = TestRelay.Start(Mint, options.With(o => o.HandshakeTimeout = TestRelay.Quick));
        await using var client = await relay.ConnectAsync();
        var request = $"POST {origin.Url}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
        Assert.Equal(Hello, await AskAsync(client, request + "\r\n", Hello.Length));
        await Task.Delay(TestRelay.Quick + TimeSpan.FromMilliseconds(500));
        Assert.Equal(Hello, await AskAsync(client, request, Hello.Length));
    }

    [Fact]
    public async Task Requests_sent_at_once_are_answered_in_their_order()
    {
        await using var origin = new ScriptedOrigin(request => $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{request.Split(' ')[1]}");
        await using var client = await Relay.ConnectAsync();
        var requests = string.Concat(Enumerable.Range(0, 9).Select(i => $"GET {origin.Url}/{i} HTTP/1.1\r\nHost: x\r\n\r\n"));
        var answers = string.Concat(Enumerable.Range(0, 9).Select(i => $"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/{i}"));
        Assert.Equal(answers, await AskAsync(client, requests, answers.Length));
    }

    [Fact]
    public async Task Another_origin_gets_a_tunnel_of_its_own()
    {
        await using var first = new ScriptedOrigin(Hello);
        await using var second = new ScriptedOrigin(Hello.Replace("hello", "world"));
        await using var client = await Relay.ConnectAsync();
        Assert.EndsWith("hello", await AskAsync(client, $"GET {first.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length));
        Assert.EndsWith("world", await AskAsync(client, $"GET {second.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length));
        Assert.Equal((1, 1), (first.Requests.Count, second.Requests.Count));
    }

    [Fact]
    public async Task Two_programs_never_share_a_connection_to_an_origin()
    {
        await using var origin = new ScriptedOrigin(Hello);
        for (var i = 0; i < 2; i++)
        {
            await using var client = await Relay.ConnectAsync();
            await AskAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length);
        }

        Assert.Equal(2, origin.Accepted);
    }

    [Fact]
    public async Task A_request_that_may_not_be_repeated_gets_a_new_tunnel()
    {
        await using var origin = new ScriptedOrigin(Hello);
        await using var client = await Relay.ConnectAsync();
        await AskAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length);
        await AskAsync(client, $"POST {origin.Url}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", Hello.Length);
        await AskAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length);
        Assert.Equal((2, 3), (origin.Accepted, origin.Requests.Count));
    }

    [Fact]
    public async Task An_origin_that_closes_without_saying_so_costs_no_answer()
    {
        await using var origin = new ScriptedOrigin(Hello, isLast: true);
        await using var client = await Relay.ConnectAsync();
        for (var i = 0; i < 5; i++) Assert.Equal(Hello, await AskAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length));
        Assert.Equal(5, origin.Requests.Count);
    }

    [Fact]
    public async Task An_origin_that_leaves_on_the_second_request_is_asked_again()
    {
        var connections = 0;
        await using var origin = new LoopbackServer(async (socket, cancellationToken) =>
        {
            var isFirst = Interlocked.Increment(ref connections) == 1;
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, cancellationToken) > 0)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(Hello), cancellationToken);
                // Reads the second request and goes.
                if (isFirst && await socket.ReceiveAsync(buffer, cancellationToken) > 0) return;
            }
        });
        await using var client = await Relay.ConnectAsync();
        for (var i = 0; i < 3; i++) Assert.Equal(Hello, await AskAsync(client, $"GET http://origin.example:{origin.Port}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length));
        Assert.Equal(2, connections);
    }

    [Fact]
    public async Task What_an_origin_says_after_its_answer_reaches_nobody()
    {
        await using var origin = new ScriptedOrigin(Hello + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        await using var client = await Relay.ConnectAsync();
        for (var i = 0; i < 3; i++) Assert.Equal(Hello, await AskAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length));
        Assert.Equal(3, origin.Accepted);
    }

    [Theory]
    [InlineData("HTTP/1.1", "Connection: close\r\n")]
    [InlineData("HTTP/1.1", "Connection: x, Close\r\n")]
    [InlineData("HTTP/1.1", "Proxy-Connection: close\r\n")]
    [InlineData("HTTP/1.0", "")]
    [InlineData("HTTP/1.0", "Connection: keep-alive\r\n")]
    public async Task A_client_that_wants_it_is_answered_with_close_and_the_connection_closes(string version, string fields)
    {
        await using var origin = new ScriptedOrigin(Hello);
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes($"GET {origin.Url}/ {version}\r\nHost: x\r\n{fields}\r\n"));
        Assert.Equal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", await TestRelay.ReadToEndAsync(client));
        Assert.EndsWith("\r\nConnection: close\r\n\r\n", Assert.Single(origin.Requests));
    }

    [Fact]
    public async Task A_tunnel_may_follow_a_request()
    {
        await using var origin = new ScriptedOrigin(Hello);
        await using var client = await Relay.ConnectAsync();
        await AskAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n", Hello.Length);
        const string Established = "HTTP/1.1 200 Connection established\r\n\r\n";
        Assert.Equal(Established, await AskAsync(client, $"\r\nCONNECT origin.example:{Echo.Port} HTTP/1.1\r\n\r\n", Established.Length));
        await TestRelay.EchoAsync(client);
    }

    [Fact]
    public async Task A_client_that_ends_its_direction_is_answered_all_the_same()
    {
        await using var origin = new ScriptedOrigin(Hello);
        await using var client = await Relay.ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes($"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n"));
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(Hello, await TestRelay.ReadToEndAsync(client));
    }

    [Fact]
    public async Task HttpClient_keeps_its_connection()
    {
        await using var origin = new ScriptedOrigin(Hello);
        using var http = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy($"http://127.0.0.1:{Relay.Port}"), UseProxy = true, MaxConnectionsPerServer = 1 });
        for (var i = 0; i < 4; i++) Assert.Equal("hello", await http.GetStringAsync(new Uri($"{origin.Url}/{i}")));
        Assert.Equal(1, origin.Accepted);
    }

    private static async Task<string> AskAsync(NetworkStream client, string request, int length)
    {
        await client.WriteAsync(Encoding.ASCII.GetBytes(request));
        return Encoding.Latin1.GetString(await TestRelay.ReadAsync(client, length));
    }
}
