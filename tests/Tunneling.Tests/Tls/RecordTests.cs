using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class RecordTests
{
    private static readonly TestAuthority _authority = new();

    [Theory]
    [InlineData(1, 256 * 1024)]
    [InlineData(1, 1)]
    [InlineData(16 * 1024, 1000)]
    [InlineData(16 * 1024, 16 * 1024 + 1)]
    public async Task Records_of_any_size_are_read_in_pieces_of_any_size(int record, int step)
    {
        var sent = RandomNumberGenerator.GetBytes(record == 1 ? 5_000 : 2_000_000);
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            return end.ReadToEnd(step);
        });
        await using var client = await server.ConnectAsync();
        for (var at = 0; at < sent.Length; at += record) await client.WriteAsync(sent.AsMemory(at, Math.Min(record, sent.Length - at)));
        await client.ShutdownAsync();
        var (data, end) = await serving;
        Assert.Equal(TlsStatus.EndOfStream, end);
        Assert.True(sent.AsSpan().SequenceEqual(data));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Much_goes_both_ways_at_once_to_a_peer_that_is_slow(SslProtocols version)
    {
        var up = RandomNumberGenerator.GetBytes(8_000_000);
        var down = RandomNumberGenerator.GetBytes(8_000_000);
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            Assert.Equal(TlsStatus.Done, end.WriteAll(down));
            Assert.Equal(TlsStatus.Done, end.Shutdown());
            return end.ReadToEnd();
        });
        await using var client = await server.ConnectAsync(options => options.EnabledSslProtocols = version);
        // The server writes first and reads only then: without room in between one of them would wait for ever.
        var reading = ReadAll(client);
        await client.WriteAsync(up);
        await client.ShutdownAsync();
        AssertSame(down, await reading.WaitAsync(TlsEnd.Patience));
        var (data, end) = await serving;
        Assert.Equal(TlsStatus.EndOfStream, end);
        Assert.True(up.AsSpan().SequenceEqual(data));
    }

    [Fact]
    public async Task A_peer_that_reads_nothing_makes_a_session_keep_at_most_one_step()
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            var data = new byte[64 << 20];
            var written = 0;
            while (true)
            {
                var result = end.Session.Write(data.AsSpan(written, 1 << 20));
                written += result.Count;
                if (result.Status != TlsStatus.Done) break;
            }

            Assert.True(end.Session.HasPendingWrite);
            Assert.InRange(end.Session.UnsentBytes, 1, 256 * 1024);
            Assert.Equal(new TlsResult(TlsStatus.WantWrite, 0), end.Session.Write(data.AsSpan(0, 1)));
        });
        await using var client = await server.ConnectAsync();
        await serving.WaitAsync(TlsEnd.Patience);
    }

    [Fact]
    public void Data_that_came_with_the_end_of_the_handshake_is_announced()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Client.Handshake();
        TlsPair.Give(pair.Server, TlsPair.TakeAll(pair.Client));
        pair.Server.Handshake();
        TlsPair.Give(pair.Client, TlsPair.TakeAll(pair.Server));
        Assert.Equal(TlsStatus.Done, pair.Client.Handshake());
        Assert.Equal(5, pair.Client.Write("early"u8).Count);
        // One segment: the client's Finished and its first data.
        TlsPair.Give(pair.Server, TlsPair.TakeAll(pair.Client));
        Assert.Equal(TlsStatus.Done, pair.Server.Handshake());
        Assert.True(pair.Server.HasPendingRead);
        var buffer = new byte[2];
        Assert.Equal(new TlsResult(TlsStatus.Done, 2), pair.Server.Read(buffer));
        Assert.True(pair.Server.HasPendingRead);
        Assert.Equal(new TlsResult(TlsStatus.Done, 2), pair.Server.Read(buffer));
        Assert.Equal(new TlsResult(TlsStatus.Done, 1), pair.Server.Read(buffer));
        Assert.Equal(TlsStatus.WantRead, pair.Server.Read(buffer).Status);
        Assert.False(pair.Server.HasPendingRead);
    }

    [Fact]
    public void Key_updates_between_data_are_followed_and_answered()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Handshake();
        var buffer = new byte[100];
        for (var i = 0; i < 100; i++)
        {
            TlsPair.Give(pair.Server, TlsTestClient.UpdateKey(pair.ClientSsl, pair.Buffers, peerToo: true));
            pair.Client.Write([(byte)i]);
            TlsPair.Give(pair.Server, TlsPair.TakeAll(pair.Client));
            Assert.Equal(new TlsResult(TlsStatus.Done, 1), pair.Server.Read(buffer));
            Assert.Equal(i, buffer[0]);
            pair.Server.Write([(byte)i, 0]);
            TlsPair.Give(pair.Client, TlsPair.TakeAll(pair.Server));
            Assert.Equal(new TlsResult(TlsStatus.Done, 2), pair.Client.Read(buffer));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flood_of_records_without_data_ends_the_session(bool atOnce)
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Handshake();
        var buffer = new byte[100];
        for (var i = 0; i < 100; i++)
        {
            TlsPair.Give(pair.Server, TlsTestClient.UpdateKey(pair.ClientSsl, pair.Buffers, peerToo: true));
            if (!atOnce) pair.Server.Read(buffer);
        }

        Assert.Equal(TlsStatus.Failed, pair.Server.Read(buffer).Status);
        Assert.Equal("too many records without data", pair.Server.Failure);
    }

    [Fact]
    public void A_record_changed_on_the_way_ends_the_session_and_the_peer_is_told()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Handshake();
        pair.Client.Write("hello"u8);
        var record = TlsPair.TakeAll(pair.Client);
        record[^1] ^= 1;
        TlsPair.Give(pair.Server, record);
        Assert.Equal(TlsStatus.Failed, pair.Server.Read(new byte[100]).Status);
        Assert.Equal("decryption failed or bad record mac", pair.Server.Failure);
        Assert.Equal(TlsStatus.Failed, pair.Server.Write("more"u8).Status);
        TlsPair.Give(pair.Client, TlsPair.TakeAll(pair.Server));
        Assert.Equal(TlsStatus.Failed, pair.Client.Read(new byte[100]).Status);
        Assert.Contains("alert bad record mac", pair.Client.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void What_another_call_left_in_the_queue_of_errors_is_not_taken_for_this_ones()
    {
        using var context = NewContext();
        using var pair = new TlsPair(context);
        pair.Handshake();
        LeaveError();
        Assert.Equal(TlsStatus.WantRead, pair.Server.Read(new byte[100]).Status);
        pair.Client.Write("hello"u8);
        TlsPair.Give(pair.Server, TlsPair.TakeAll(pair.Client));
        LeaveError();
        Assert.Equal(5, pair.Server.Read(new byte[100]).Count);
        LeaveError();
        Assert.Equal(TlsStatus.Done, pair.Server.Write("hello"u8).Status);
        LeaveError();
        Assert.Equal(TlsStatus.Done, pair.Server.Shutdown());
        using var another = new TlsPair(context);
        LeaveError();
        Assert.Equal(TlsStatus.WantRead, another.Server.Handshake());
    }

    private static unsafe void LeaveError()
    {
        var garbage = stackalloc byte[8];
        Tunneling.Native.LibCrypto.d2i_X509(0, ref garbage, 8).Dispose();
        Assert.NotEqual((nuint)0, Tunneling.Native.LibCrypto.ERR_peek_last_error());
    }

    private static async Task<byte[]> ReadAll(SslStream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    // Without the megabytes in the message.
    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual));

    private static TlsServerContext NewContext() => new(new TlsServerOptions(), TlsCertificate.From(_authority.Issue()));

    private static TlsTestServer NewServer() => new(NewContext());
}
