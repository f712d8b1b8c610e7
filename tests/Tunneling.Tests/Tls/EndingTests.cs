using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Tunneling.Native;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class EndingTests
{
    private static readonly TestAuthority _authority = new();
    private static readonly byte[] _much = RandomNumberGenerator.GetBytes(3_000_000);

    public static TheoryData<SslProtocols> Versions => [SslProtocols.Tls12, SslProtocols.Tls13];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task When_the_client_ends_first_the_server_goes_on(SslProtocols version)
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            var (data, status) = end.ReadToEnd();
            Assert.Equal(TlsStatus.Done, end.WriteAll(_much));
            Assert.Equal(TlsStatus.Done, end.Shutdown());
            return (data, status);
        });
        await using var client = await server.ConnectAsync(options => options.EnabledSslProtocols = version);
        await client.WriteAsync(_much);
        await client.ShutdownAsync();
        AssertSame(_much, await ReadToEnd(client));
        var (read, ending) = await serving;
        Assert.Equal(TlsStatus.EndOfStream, ending);
        Assert.True(_much.AsSpan().SequenceEqual(read));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task When_the_server_ends_first_the_client_goes_on(SslProtocols version)
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            Assert.Equal(TlsStatus.Done, end.WriteAll(_much));
            Assert.Equal(TlsStatus.Done, end.Shutdown());
            return end.ReadToEnd();
        });
        await using var client = await server.ConnectAsync(options => options.EnabledSslProtocols = version);
        AssertSame(_much, await ReadToEnd(client));
        await client.WriteAsync(_much);
        await client.ShutdownAsync();
        var (read, ending) = await serving;
        Assert.Equal(TlsStatus.EndOfStream, ending);
        Assert.True(_much.AsSpan().SequenceEqual(read));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_FIN_without_close_notify_is_a_truncation_after_what_came(SslProtocols version)
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            var (data, status) = end.ReadToEnd();
            Assert.Equal(status, end.Session.Read(new byte[1]).Status);
            // The other direction goes on.
            Assert.Equal(TlsStatus.Done, end.WriteAll(_much));
            Assert.Equal(TlsStatus.Done, end.Shutdown());
            return (data, status);
        });
        await using var client = await server.ConnectAsync(options => options.EnabledSslProtocols = version);
        await client.WriteAsync(_much);
        // Without close_notify.
        client.Socket().Shutdown(SocketShutdown.Send);
        AssertSame(_much, await ReadToEnd(client));
        var (read, ending) = await serving;
        Assert.Equal(TlsStatus.Truncated, ending);
        Assert.True(_much.AsSpan().SequenceEqual(read));
    }

    [Fact]
    public async Task A_reset_is_a_failure_of_the_socket()
    {
        using var server = NewServer();
        using var established = new SemaphoreSlim(0);
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            established.Release();
            var (_, status) = end.ReadToEnd();
            return (status, end.Session.SocketError, end.Session.Failure);
        });
        await using var client = await server.ConnectAsync();
        Assert.True(await established.WaitAsync(TlsEnd.Patience));
        client.Socket().LingerState = new LingerOption(true, 0);
        client.Socket().Close();
        Assert.Equal((TlsStatus.Failed, Errno.Reset, "the connection failed"), await serving);
    }

    [Fact]
    public async Task Writing_to_a_client_that_is_gone_fails_and_raises_no_signal()
    {
        using var server = NewServer();
        using var established = new SemaphoreSlim(0);
        using var gone = new ManualResetEventSlim();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            established.Release();
            Assert.True(gone.Wait(TlsEnd.Patience));
            var data = new byte[1 << 20];
            while (true)
            {
                var status = end.WriteAll(data);
                if (status != TlsStatus.Done) return (status, end.Session.SocketError);
            }
        });
        await using var client = await server.ConnectAsync();
        Assert.True(await established.WaitAsync(TlsEnd.Patience));
        client.Socket().LingerState = new LingerOption(true, 0);
        client.Socket().Close();
        gone.Set();
        var (ending, error) = await serving;
        Assert.Equal(TlsStatus.Failed, ending);
        Assert.Contains(error, new[] { Errno.Reset, Errno.BrokenPipe });
    }

    [Fact]
    public void Data_and_the_end_in_one_segment_are_read_one_after_the_other()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Handshake();
        pair.Client.Write("last words"u8);
        Assert.Equal(TlsStatus.Done, pair.Client.Shutdown());
        TlsPair.Give(pair.Server, TlsPair.TakeAll(pair.Client));
        pair.Server.GiveEnd();
        Assert.Equal(new TlsResult(TlsStatus.Done, 10), pair.Server.Read(new byte[100]));
        Assert.True(pair.Server.HasPendingRead);
        Assert.Equal(TlsStatus.EndOfStream, pair.Server.Read(new byte[100]).Status);
        Assert.Equal(TlsStatus.EndOfStream, pair.Server.Read(new byte[100]).Status);
        Assert.Equal(TlsStatus.Done, pair.Server.Write("answer"u8).Status);
    }

    [Fact]
    public void An_end_in_the_middle_of_a_record_is_a_truncation()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Handshake();
        pair.Client.Write("whole"u8);
        pair.Client.Write("half"u8);
        var bytes = TlsPair.TakeAll(pair.Client);
        TlsPair.Give(pair.Server, bytes[..^3]);
        pair.Server.GiveEnd();
        Assert.Equal(5, pair.Server.Read(new byte[100]).Count);
        Assert.Equal(TlsStatus.Truncated, pair.Server.Read(new byte[100]).Status);
    }

    [Fact]
    public void Nothing_follows_close_notify()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Handshake();
        Assert.Equal(TlsStatus.Done, pair.Server.Shutdown());
        Assert.Equal(TlsStatus.Done, pair.Server.Shutdown());
        var alert = TlsPair.TakeAll(pair.Server);
        // A request for new keys comes after it: no answer, and no harm.
        TlsPair.Give(pair.Server, TlsTestClient.UpdateKey(pair.ClientSsl, pair.Buffers, peerToo: true));
        pair.Client.Write("still talking"u8);
        TlsPair.Give(pair.Server, TlsPair.TakeAll(pair.Client));
        Assert.Equal(13, pair.Server.Read(new byte[100]).Count);
        TlsPair.Give(pair.Client, alert);
        Assert.Equal(TlsStatus.EndOfStream, pair.Client.Read(new byte[100]).Status);
        Assert.Equal(TlsStatus.Failed, pair.Server.Write("no"u8).Status);
    }

    private static async Task<byte[]> ReadToEnd(SslStream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).WaitAsync(TlsEnd.Patience);
        return all.ToArray();
    }

    // Without the megabytes in the message.
    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual));

    private static TlsServerContext NewContext() => new(new TlsServerOptions(), TlsCertificate.From(_authority.Issue()));

    private static TlsTestServer NewServer() => new(NewContext());
}
