using System.Net.Sockets;
using System.Security.Authentication;
using PrivacyProxy.Certificates;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

public sealed class MemcachedLinkConnectTests
{
    private static readonly TimeSpan _long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Nobody_listening_is_a_socket_error()
    {
        MemcachedEndpoint endpoint;
        using (ScriptedServer.Listen(out endpoint)) { }
        await Assert.ThrowsAsync<SocketException>(() => MemcachedLink.ConnectAsync(endpoint, new MemcachedLinkOptions { ConnectTimeout = _long }, CancellationToken.None));
    }

    [Fact]
    public async Task A_missing_unix_socket_is_a_socket_error()
    {
        Assert.True(MemcachedEndpoint.TryParse("unix:/nowhere/memcached.sock", out var endpoint));
        await Assert.ThrowsAsync<SocketException>(() => MemcachedLink.ConnectAsync(endpoint, new MemcachedLinkOptions { ConnectTimeout = _long }, CancellationToken.None));
    }

    [Fact]
    public async Task A_server_silent_in_the_handshake_ends_in_a_timeout()
    {
        using var listener = ScriptedServer.Listen(out var endpoint);
        // On a busy machine the time may be over before there is a connection at all.
        for (var timeout = TimeSpan.FromMilliseconds(50); !listener.Poll(0, SelectMode.SelectRead); timeout *= 4)
        {
            var options = new MemcachedLinkOptions { ConnectTimeout = timeout, Tls = new MemcachedTls() };
            await Assert.ThrowsAsync<TimeoutException>(() => MemcachedLink.ConnectAsync(endpoint, options, CancellationToken.None));
        }

        // And it hangs up, so that nothing waits for ever behind the time-out.
        using var accepted = await listener.AcceptAsync();
        await DrainAsync(accepted);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled()
    {
        using var listener = ScriptedServer.Listen(out var endpoint);
        using var cancellation = new CancellationTokenSource();
        var connecting = MemcachedLink.ConnectAsync(endpoint, new MemcachedLinkOptions { ConnectTimeout = _long, Tls = new MemcachedTls() }, cancellation.Token);
        using var accepted = await listener.AcceptAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        await DrainAsync(accepted);
    }

    [Fact]
    public async Task Through_TLS_checks_are_answered_one_by_one_and_in_batches()
    {
        using var authority = CertificateAuthority.Create("test");
        using var certificate = authority.IssueServer(["cache.internal"]);
        var tls = new MemcachedTls { Authorities = [authority.Certificate], ServerName = "cache.internal" };
        var (server, link) = await ScriptedServer.ConnectAsync(new MemcachedLinkOptions { Deadline = _long, ConnectTimeout = _long, Tls = tls }, certificate);
        await using var _ = server;
        await using var __ = link;
        for (var i = 0; i < 10; i++)
        {
            var asked = link.GetAsync(TestKeys.Next()).AsTask();
            await server.ReadLinesAsync(1);
            await server.SendAsync("END\r\n");
            Assert.Equal(MemcachedReply.Miss, await asked);
        }

        var many = TestKeys.Next(1000).Select(key => link.AddAsync(key, 9).AsTask()).ToArray();
        await server.ReadLinesAsync(2000);
        await server.SendAsync(string.Concat(Enumerable.Repeat("STORED\r\n", 999)) + "NOT_STORED\r\n");
        var replies = await Task.WhenAll(many);
        Assert.All(replies[..^1], reply => Assert.Equal(MemcachedReply.Stored, reply));
        Assert.Equal(MemcachedReply.NotStored, replies[^1]);
    }

    [Fact]
    public async Task Closing_a_TLS_connection_completes_what_is_in_flight()
    {
        using var authority = CertificateAuthority.Create("test");
        using var certificate = authority.IssueServer(["127.0.0.1"]);
        var tls = new MemcachedTls { Authorities = [authority.Certificate] };
        var (server, link) = await ScriptedServer.ConnectAsync(new MemcachedLinkOptions { Deadline = _long, ConnectTimeout = _long, Tls = tls }, certificate);
        await using var _ = server;
        var asked = link.GetAsync(TestKeys.Next()).AsTask();
        await link.DisposeAsync();
        Assert.Equal(MemcachedReply.Closed, await asked);
    }

    [Theory]
    [InlineData("other.internal", true)]
    [InlineData("cache.internal", false)]
    public async Task A_server_with_another_name_or_authority_is_refused(string name, bool known)
    {
        using var authority = CertificateAuthority.Create("test");
        using var stranger = CertificateAuthority.Create("stranger");
        using var certificate = authority.IssueServer(["cache.internal"]);
        var tls = new MemcachedTls { Authorities = [known ? authority.Certificate : stranger.Certificate], ServerName = name };
        using var listener = ScriptedServer.Listen(out var endpoint);
        var connecting = MemcachedLink.ConnectAsync(endpoint, new MemcachedLinkOptions { ConnectTimeout = _long, Tls = tls }, CancellationToken.None);
        await using var server = new System.Net.Security.SslStream(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
        // With TLS 1.3 the server is done before the client has judged the certificate.
        var serving = server.AuthenticateAsServerAsync(certificate).ContinueWith(_ => { }, TaskScheduler.Default);
        await Assert.ThrowsAsync<AuthenticationException>(() => connecting);
        await serving;
    }

    private static async Task DrainAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer) > 0) { }
        }
        catch (SocketException)
        {
            // Reset: hung up as well.
        }
    }
}
