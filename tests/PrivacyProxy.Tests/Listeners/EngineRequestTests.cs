using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>Requests of HTTP/2 that are no tunnels, as the application sees them and the client its answers: on the engine as on Kestrel.</summary>
public sealed class EngineRequestTests
{
    public static TheoryData<TestWay> Ways => [TestWay.Http2, TestWay.Http2Native];

    [Theory, MemberData(nameof(Ways))]
    public async Task The_application_sees_the_request_as_it_was_sent(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Serves = context => context.Response.WriteAsync(string.Join('|',
            context.Request.Method,
            context.Request.Protocol,
            context.Request.Scheme,
            context.Request.Host,
            context.Request.Path.Value,
            context.Request.QueryString,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers["x-two"].ToString(),
            context.Request.Headers.Cookie.ToString(),
            context.Connection.RemoteIpAddress,
            context.Connection.LocalPort == proxy.EndPoint.Port,
            context.Request.HasFormContentType));
        using var http = Client(proxy);
        using var request = Request(HttpMethod.Get, "/a%20b/c%2Fd?e=%20f");
        request.Headers.Add("x-two", ["1", "2"]);
        request.Headers.Add("cookie", "a=1; b=2");
        using var response = await http.SendAsync(request);
        Assert.Equal($"GET|HTTP/2|http|{proxy.EndPoint}|/a b/c%2Fd|?e=%20f|/a%20b/c%2Fd?e=%20f|1,2|a=1; b=2|127.0.0.1|True|False", (await response.Content.ReadAsStringAsync()).Replace("1, 2", "1,2"));
        Assert.NotNull(response.Headers.Date);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Bodies_pass_whole_both_ways(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Serves = async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.BodyWriter.WriteAsync(body.ToArray());
        };
        using var http = Client(proxy);
        var body = RandomNumberGenerator.GetBytes(5_000_003);
        var echoes = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            using var request = Request(HttpMethod.Post, "/", new ByteArrayContent(body));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return await response.Content.ReadAsByteArrayAsync();
        })).WaitAsync(TestTimes.Limit);
        Assert.All(echoes, echo => Assert.True(body.AsSpan().SequenceEqual(echo)));
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_is_flushed_arrives_before_the_answer_ends_and_trailers_after_it(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Serves = async context =>
        {
            context.Response.DeclareTrailer("x-sum");
            await context.Response.WriteAsync("first ");
            await context.Response.Body.FlushAsync();
            await go.Task;
            await context.Response.WriteAsync("last");
            context.Response.AppendTrailer("x-sum", "10");
        };
        using var http = Client(proxy);
        using var response = await http.SendAsync(Request(HttpMethod.Get, "/"), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var bytes = new byte[6];
        await stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(TestTimes.Limit);
        go.SetResult();
        Assert.Equal("last", await new StreamReader(stream).ReadToEndAsync().WaitAsync(TestTimes.Limit));
        Assert.Equal("10", Assert.Single(response.TrailingHeaders.GetValues("x-sum")));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task HEAD_is_answered_with_the_fields_of_GET_and_no_body(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Serves = context =>
        {
            context.Response.ContentLength = 12;
            return context.Response.WriteAsync("not a tunnel");
        };
        using var http = Client(proxy);
        using var response = await http.SendAsync(Request(HttpMethod.Head, "/"));
        Assert.Equal(12, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task An_empty_answer_says_that_it_is_empty_and_one_that_may_have_no_body_does_not(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Serves = context =>
        {
            context.Response.StatusCode = context.Request.Path == "/204" ? 204 : 200;
            return Task.CompletedTask;
        };
        using var http = Client(proxy);
        using var empty = await http.SendAsync(Request(HttpMethod.Get, "/"));
        Assert.Equal(0, empty.Content.Headers.ContentLength);
        using var none = await http.SendAsync(Request(HttpMethod.Get, "/204"));
        Assert.Equal(HttpStatusCode.NoContent, none.StatusCode);
        Assert.False(none.Content.Headers.Contains("content-length"));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_is_not_found_is_answered_in_the_proxys_name(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var http = Client(proxy);
        using var response = await http.SendAsync(Request(HttpMethod.Get, "/missing"));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("privacy-proxy; error=http_request_error", Assert.Single(response.Headers.GetValues("proxy-status")));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task An_application_that_throws_is_a_500_or_a_reset_once_it_has_begun_to_answer(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Serves = async context =>
        {
            if (context.Request.Path == "/late") await context.Response.WriteAsync("begun");
            throw new InvalidOperationException("secret.example");
        };
        using var http = Client(proxy);
        using var response = await http.SendAsync(Request(HttpMethod.Get, "/"));
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            using var late = await http.SendAsync(Request(HttpMethod.Get, "/late"));
        });
        if (way == TestWay.Http2Native) Assert.All(proxy.Logs.Lines, line => Assert.DoesNotContain("secret.example", line, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task An_application_is_told_that_its_client_has_left(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        var (served, left) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        proxy.Serves = async context =>
        {
            context.RequestAborted.UnsafeRegister(_ => left.TrySetResult(), null);
            served.TrySetResult();
            await left.Task.WaitAsync(TestTimes.Limit);
            context.RequestAborted.ThrowIfCancellationRequested();
        };
        using var http = Client(proxy);
        using var leave = new CancellationTokenSource();
        var sending = http.SendAsync(Request(HttpMethod.Get, "/"), leave.Token);
        await served.Task.WaitAsync(TestTimes.Limit);
        await leave.CancelAsync();
        await left.Task.WaitAsync(TestTimes.Limit);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        // The connection goes on.
        proxy.Serves = null;
        Assert.Equal("not a tunnel", await (await http.SendAsync(Request(HttpMethod.Get, "/"))).Content.ReadAsStringAsync());
        Assert.Equal(1, proxy.Connections.Connections);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_client_that_waits_to_be_told_to_continue_is(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Serves = context => context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter);
        using var http = Client(proxy);
        using var request = Request(HttpMethod.Post, "/", new ByteArrayContent("body"u8.ToArray()));
        request.Headers.ExpectContinue = true;
        using var response = await http.SendAsync(request);
        Assert.Equal("body", await response.Content.ReadAsStringAsync());
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_body_that_nobody_reads_is_not_waited_for(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        var client = await Http2TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await using (client)
        {
            await client.SendFieldsAsync(":method POST|:scheme http|:path /|:authority a");
            Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
            var rest = new byte[100];
            await client.ReadExactlyAsync(rest.AsMemory(0, "not a tunnel".Length));
            Assert.Equal(0, await client.ReadAsync(rest).WaitAsync(TestTimes.Limit));
            await TestTimes.UntilAsync(() => client.ResetCode == 0);
        }
    }

    private static HttpClient Client(ProxyFixture proxy) => new(new SocketsHttpHandler { Expect100ContinueTimeout = TestTimes.Limit })
    {
        BaseAddress = new Uri($"http://{proxy.EndPoint}"),
        Timeout = TestTimes.Limit,
    };

    private static HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null) =>
        new(method, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
}
