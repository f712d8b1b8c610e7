using System.Net.Sockets;
using System.Text;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.HttpProxy;

/// <summary>Where answers and requests end (RFC 9112, sections 6 and 7), and what of them is passed on.</summary>
public sealed class FramingTests : RelayTests
{
    private const string Next = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";

    /// <summary>Method, answer, and what the client gets of it before its next request on the same connection is answered.</summary>
    public static TheoryData<string, string, string> Answers => new()
    {
        { "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" },
        { "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" },
        { "GET", "HTTP/1.1 200 OK\r\nContent-Length : 2, 2\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" },
        { "GET", "HTTP/1.1 200 OK\nA: 1\nContent-Length: 2\n\nab", "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 2\r\n\r\nab" },
        { "GET", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nab" },
        { "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" },
        { "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" },
        { "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: x\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 1000\r\n\r\n" },
        { "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n2;x=\"y\"\r\nab\r\n0\r\nT: 1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n2;x=\"y\"\r\nab\r\n0\r\nT: 1\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2  \r\nab\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2  \r\nab\r\n0\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n2\r\nab\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" },
        { "GET", "HTTP/1.1 200 OK\r\nConnection: X-Hop, Content-Length, close\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: \u00e9\u0085\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 200 OK\r\nX-End: \u00e9\u0085\r\nContent-Length: 2\r\n\r\nab" },
        { "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" },
        { "GET", "HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" },
        { "GET", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_is_passed_on_to_its_end_and_the_next_one_follows(string method, string answer, string expected)
    {
        await using var origin = new ScriptedOrigin(request => request.Contains(" /next ", StringComparison.Ordinal) ? Next : answer);
        await using var client = await Relay.ConnectAsync();
        await SendAsync(client, $"{method} {origin.Url}/first HTTP/1.1\r\nHost: x\r\n\r\nGET {origin.Url}/next HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal(expected + Next, Encoding.Latin1.GetString(await TestRelay.ReadAsync(client, expected.Length + Next.Length)));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nto the end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nto the end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\nto the end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\nConnection: close\r\n\r\nto the end")]
    public async Task An_answer_that_ends_with_its_connection_ends_the_clients(string answer, string expected)
    {
        await using var origin = new ScriptedOrigin(answer, isLast: true);
        await using var client = await Relay.ConnectAsync();
        await SendAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal(expected, await TestRelay.ReadToEndAsync(client));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nbad field\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: 1\r\n folded\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nab")]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("220 ftp.example\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")]
    public async Task An_answer_that_is_none_becomes_502(string answer)
    {
        await using var origin = new ScriptedOrigin(answer, isLast: true);
        await using var client = await Relay.ConnectAsync();
        await SendAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        var got = await TestRelay.ReadToEndAsync(client);
        Assert.StartsWith("HTTP/1.1 502 ", got);
        Assert.Contains("Proxy-Status: privacy-relay; error=http_protocol_error\r\n", got);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ncut")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncut\r\n0\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncutBAD")]
    public async Task A_cut_answer_does_not_look_whole(string answer)
    {
        await using var origin = new ScriptedOrigin(answer, isLast: true);
        await using var client = await Relay.ConnectAsync();
        await SendAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        var failure = await Assert.ThrowsAsync<IOException>(() => TestRelay.ReadToEndAsync(client));
        Assert.IsType<SocketException>(failure.InnerException);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_neither_chunks_nor_interim_answers()
    {
        await using var origin = new ScriptedOrigin("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n2\r\nab\r\n3;x\r\ncde\r\n0\r\nT: 1\r\n\r\n");
        await using var client = await Relay.ConnectAsync();
        await SendAsync(client, $"GET {origin.Url}/ HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde", await TestRelay.ReadToEndAsync(client));
        Assert.DoesNotContain("Expect", Assert.Single(origin.Requests));
    }

    [Fact]
    public async Task A_chunked_request_is_passed_on_with_its_trailers_and_a_second_one_follows()
    {
        await using var origin = new ScriptedOrigin(Next);
        await using var client = await Relay.ConnectAsync();
        const string Body = "4;x=y\r\nbody\r\n0\r\nT: t\r\nEnd: 1\r\n\r\n";
        for (var i = 0; i < 2; i++)
        {
            await SendAsync(client, $"POST {origin.Url} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\nTE: trailers\r\n\r\n{Body}");
            Assert.Equal(Next, Encoding.Latin1.GetString(await TestRelay.ReadAsync(client, Next.Length)));
        }

        Assert.All(origin.Requests, request => Assert.Equal($"POST / HTTP/1.1\r\nHost: origin.example:{origin.Port}\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n{Body}", request));
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task A_body_that_was_asked_for_follows_the_interim_answer()
    {
        await using var origin = new LoopbackServer(async (socket, cancellationToken) =>
        {
            var buffer = new byte[4096];
            await socket.ReceiveAsync(buffer, cancellationToken);
            await socket.SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancellationToken);
            var count = await socket.ReceiveAsync(buffer, cancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n{Encoding.ASCII.GetString(buffer, 0, count)}"), cancellationToken);
            await socket.ReceiveAsync(buffer, cancellationToken);
        });
        await using var client = await Relay.ConnectAsync();
        await SendAsync(client, $"PUT http://origin.example:{origin.Port}/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(await TestRelay.ReadAsync(client, 25)));
        await SendAsync(client, "body");
        const string Expected = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
        Assert.Equal(Expected, Encoding.ASCII.GetString(await TestRelay.ReadAsync(client, Expected.Length)));
    }

    [Fact]
    public async Task An_answer_before_the_end_of_the_request_arrives_and_ends_the_connection()
    {
        await using var origin = new LoopbackServer(async (socket, cancellationToken) =>
        {
            await socket.ReceiveAsync(new byte[100], cancellationToken);
            await socket.SendAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"u8.ToArray(), cancellationToken);
            // Takes nothing of the body, and stays.
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        await using var client = await Relay.ConnectAsync();
        var sending = Task.Run(async () =>
        {
            await SendAsync(client, $"POST http://origin.example:{origin.Port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n");
            await client.WriteAsync(new byte[20_000_000]);
            client.Socket.Shutdown(SocketShutdown.Send);
        });
        Assert.Equal("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig", await TestRelay.ReadToEndAsync(client));
        await sending;
    }

    [Fact]
    public async Task Many_interim_answers_are_no_answer()
    {
        await using var origin = new ScriptedOrigin(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 200)));
        await using var client = await Relay.ConnectAsync();
        await SendAsync(client, $"GET {origin.Url}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.IsAssignableFrom<IOException>(await Record.ExceptionAsync(() => TestRelay.ReadToEndAsync(client)));
    }

    private static async Task SendAsync(NetworkStream client, string text) => await client.WriteAsync(Encoding.Latin1.GetBytes(text));
}
