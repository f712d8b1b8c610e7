using System.Net.Sockets;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class HostileHandshakeTests
{
    private static readonly TestAuthority _authority = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_handshake_cut_anywhere_ends_that_session_alone(bool is13)
    {
        var version = is13 ? TlsVersion.Tls13 : TlsVersion.Tls12;
        using var context = NewContext();
        using var pair = new TlsPair(context, version);
        var flights = pair.Handshake();
        using var buffers = new TlsBuffers();
        var hello = flights[0];
        for (var length = 0; length < hello.Length; length++)
        {
            using var cut = context.Accept(buffers);
            TlsPair.Give(cut, hello[..length]);
            Assert.Equal(TlsStatus.WantRead, cut.Handshake());
            cut.GiveEnd();
            Assert.Equal(TlsStatus.Truncated, cut.Handshake());
            Assert.Equal(TlsStatus.Truncated, cut.Read(new byte[1]).Status);
        }

        for (var length = 0; length < flights[2].Length; length++)
        {
            using var again = new TlsPair(context, version);
            again.Client.Handshake();
            TlsPair.Give(again.Server, TlsPair.TakeAll(again.Client));
            Assert.Equal(TlsStatus.WantRead, again.Server.Handshake());
            TlsPair.Give(again.Client, TlsPair.TakeAll(again.Server));
            again.Client.Handshake();
            TlsPair.Give(again.Server, TlsPair.TakeAll(again.Client)[..length]);
            again.Server.GiveEnd();
            Assert.Equal(TlsStatus.Truncated, again.Server.Handshake());
        }
    }

    [Fact]
    public void A_handshake_in_single_bytes_goes_through()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Client.Handshake();
        foreach (var one in TlsPair.TakeAll(pair.Client))
        {
            Assert.Equal(TlsStatus.WantRead, pair.Server.Handshake());
            TlsPair.Give(pair.Server, [one]);
        }

        pair.Server.Handshake();
        foreach (var one in TlsPair.TakeAll(pair.Server))
        {
            TlsPair.Give(pair.Client, [one]);
            pair.Client.Handshake();
        }

        foreach (var one in TlsPair.TakeAll(pair.Client))
        {
            Assert.Equal(TlsStatus.WantRead, pair.Server.Handshake());
            TlsPair.Give(pair.Server, [one]);
        }

        Assert.Equal(TlsStatus.Done, pair.Server.Handshake());
    }

    [Fact]
    public void A_hello_in_records_of_one_byte_goes_through()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Client.Handshake();
        var hello = TlsPair.TakeAll(pair.Client);
        TlsPair.Give(pair.Server, [.. hello.Skip(5).SelectMany(static one => new byte[] { 22, 3, 1, 0, 1, one })]);
        Assert.Equal(TlsStatus.WantRead, pair.Server.Handshake());
        TlsPair.Give(pair.Client, TlsPair.TakeAll(pair.Server));
        Assert.Equal(TlsStatus.Done, pair.Client.Handshake());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "http request")]
    [InlineData("CONNECT x:1 HTTP/1.1\r\n\r\n", "https proxy request")]
    [InlineData("\u0016\u0003\u0001\u007f\u007f aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", null)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", null)]
    public void What_is_not_TLS_fails_with_a_reason_that_repeats_nothing_of_it(string sent, string? reason)
    {
        using var context = NewContext();
        using var buffers = new TlsBuffers();
        using var session = context.Accept(buffers);
        TlsPair.Give(session, System.Text.Encoding.Latin1.GetBytes(sent));
        Assert.Equal(TlsStatus.Failed, session.Handshake());
        if (reason is not null) Assert.Equal(reason, session.Failure);
        Assert.DoesNotContain("aaaa", session.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_and_bent_hellos_fail_or_wait_and_nothing_worse()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        var flights = pair.Handshake();
        using var buffers = new TlsBuffers();
        var random = new Random(11);
        for (var i = 0; i < 4000; i++)
        {
            var bytes = flights[0].ToArray();
            if (i % 4 == 0) random.NextBytes(bytes.AsSpan(i % 8 == 0 ? 0 : 5));
            else for (var changes = random.Next(1, 6); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var session = context.Accept(buffers);
            TlsPair.Give(session, bytes);
            var status = session.Handshake();
            if (status == TlsStatus.WantRead)
            {
                TlsPair.Give(session, bytes);
                session.GiveEnd();
                status = session.Handshake();
            }

            Assert.True(status is TlsStatus.Failed or TlsStatus.Truncated, status.ToString());
            Assert.NotNull(session.Failure);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_away_in_the_middle_of_it_is_told_apart(bool reset)
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Client.Handshake();
        var hello = TlsPair.TakeAll(pair.Client);
        using var server = new TlsTestServer(NewContext());
        foreach (var length in new[] { 0, 1, 5, hello.Length / 2, hello.Length })
        {
            var serving = server.Serve(end => end.Handshake());
            using (var socket = server.Connect())
            {
                socket.Send(hello.AsSpan(0, length));
                if (length == hello.Length) Assert.True(socket.Receive(new byte[16 * 1024]) > 0);
                if (reset) socket.LingerState = new LingerOption(true, 0);
            }

            Assert.Equal(reset ? TlsStatus.Failed : TlsStatus.Truncated, await serving);
        }
    }

    private static TlsServerContext NewContext() => new(new TlsServerOptions(), TlsCertificate.From(_authority.Issue()));
}
