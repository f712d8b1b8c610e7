using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace MsQuic.Tests;

/// <summary>Connections from their handshake to their end.</summary>
public sealed class ConnectionTests
{
    [SkippableFact]
    public async Task Both_sides_know_the_protocol_and_where_the_other_is()
    {
        await using var pair = await QuicPair.StartAsync();
        Assert.Equal((QuicPair.Protocol, QuicPair.Protocol), (pair.Client.Protocol, pair.Server.Protocol));
        Assert.Equal(pair.Listener.EndPoint, pair.Client.RemoteEndPoint);
        Assert.Equal(pair.Client.LocalEndPoint, pair.Server.RemoteEndPoint);
        Assert.NotEqual(TimeSpan.Zero, pair.Client.RoundTrip);
        Assert.NotNull(pair.Client.PeerCertificate);
    }

    [SkippableFact]
    public async Task The_code_of_a_close_reaches_everything_that_waits()
    {
        await using var pair = await QuicPair.StartAsync();
        var (client, server) = await pair.OpenAsync();
        await using (client)
        await using (server)
        {
            var accepting = pair.Server.AcceptStreamAsync().AsTask();
            var reading = server.Input.ReadAsync().AsTask();
            await pair.Client.CloseAsync(0x55).AsTask().WaitAsync(QuicPair.Limit);
            foreach (var waiting in new Task[] { accepting, reading })
            {
                var e = await Assert.ThrowsAsync<QuicException>(() => waiting.WaitAsync(QuicPair.Limit));
                Assert.Equal((QuicError.ConnectionAborted, 0x55L), (e.Error, e.ApplicationErrorCode));
            }

            Assert.Equal(0x55, (await pair.Server.Closed).ApplicationErrorCode);
            Assert.True((await server.Output.WriteAsync(new byte[1])).IsCompleted);
            await Assert.ThrowsAsync<QuicException>(() => pair.Server.OpenStreamAsync(bidirectional: true).AsTask().WaitAsync(QuicPair.Limit));
        }
    }

    [SkippableFact]
    public async Task Of_several_codes_the_first_counts()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var pair = await QuicPair.StartAsync();
            pair.Client.Abort(0x61);
            pair.Client.Abort(0x62);
            await pair.Client.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
            Assert.Equal(0x61, (await pair.Server.Closed.WaitAsync(QuicPair.Limit)).ApplicationErrorCode);
        }
    }

    [SkippableFact]
    public async Task Beyond_the_peers_limit_a_stream_is_not_to_be_had_until_another_ends()
    {
        await using var pair = await QuicPair.StartAsync(server: QuicPair.Settings with { MaxBidirectionalStreams = 2 });
        var (first, firstOfServer) = await pair.OpenAsync();
        await using var second = (await pair.Client.TryOpenStreamAsync(bidirectional: true).AsTask().WaitAsync(QuicPair.Limit))!;
        Assert.NotNull(second);
        Assert.Null(await pair.Client.TryOpenStreamAsync(bidirectional: true).AsTask().WaitAsync(QuicPair.Limit));
        using var soon = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Client.OpenStreamAsync(bidirectional: true, soon.Token).AsTask().WaitAsync(QuicPair.Limit));
        var waiting = pair.Client.OpenStreamAsync(bidirectional: true).AsTask();
        Assert.False(waiting.IsCompleted);
        await first.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
        await firstOfServer.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
        await using var third = await waiting.WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task A_server_that_is_not_trusted_is_left()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer);
        // As the machine trusts: not a certificate made here.
        using var forClient = QuicConfiguration.ForClient([QuicPair.Protocol], QuicPair.Settings);
        var e = await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit));
        Assert.Equal(QuicError.HandshakeFailed, e.Error);
        await UntilAsync(() => listener.Pending == 0);
    }

    [SkippableFact]
    public async Task What_is_wrong_with_a_certificate_is_told_to_who_judges_it()
    {
        QuicPair.RequireLibrary();
        var authority = new TestAuthority();
        using var leaf = authority.Issue(["other.test"]);
        using var forServer = QuicConfiguration.ForServer([QuicPair.Protocol], QuicPair.Settings, leaf, []);
        await using var listener = QuicPair.Listen(forServer);
        var seen = SslPolicyErrors.None;
        using var forClient = QuicConfiguration.ForClient([QuicPair.Protocol], QuicPair.Settings, (_, certificate, chain, errors) =>
        {
            seen = errors;
            return certificate is not null && chain is not null;
        });
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch, seen);
    }

    [SkippableFact]
    public async Task A_server_shows_the_certificate_of_the_name_that_is_asked_for_with_its_chain()
    {
        QuicPair.RequireLibrary();
        var root = new TestAuthority();
        var intermediate = root.Intermediate("Below");
        using var leaf = intermediate.Issue(["localhost"]);
        using var configured = QuicConfiguration.ForServer([QuicPair.Protocol], QuicPair.Settings, leaf, [intermediate.Certificate]);
        var asked = "";
        await using var listener = QuicListener.Listen(new QuicListenerOptions
        {
            EndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 0),
            ApplicationProtocols = [QuicPair.Protocol],
            Configure = (hello, _) =>
            {
                asked = hello.ServerName;
                return new ValueTask<QuicConfiguration?>(configured);
            },
        });
        using var forClient = QuicConfiguration.ForClient([QuicPair.Protocol], QuicPair.Settings, (_, certificate, chain, errors) =>
        {
            // The intermediate came from the server.
            using var again = new X509Chain();
            again.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            again.ChainPolicy.CustomTrustStore.Add(root.Certificate);
            again.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            again.ChainPolicy.ExtraStore.AddRange(chain!.ChainPolicy.ExtraStore);
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && again.Build((X509Certificate2)certificate!);
        });
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal("localhost", asked);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_wants_a_certificate_takes_only_clients_that_show_one(bool hasOne)
    {
        QuicPair.RequireLibrary();
        using var certificate = TestCertificate.CreateForClient("CN=client");
        string? subject = null;
        using var forServer = QuicPair.ForServer(validateClient: (_, shown, _, _) => (subject = shown?.Subject) == "CN=client");
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient(certificate: hasOne ? certificate : null);
        if (hasOne)
        {
            await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
            await using var server = await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit);
            Assert.Equal("CN=client", server!.PeerCertificate!.Subject);
            return;
        }

        // In TLS 1.3 a client is through before its certificate is judged: it may learn of the refusal only afterwards.
        var e = await Record.ExceptionAsync(async () =>
        {
            await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
            throw await connection.Closed.WaitAsync(QuicPair.Limit);
        });
        Assert.Equal(QuicError.HandshakeFailed, Assert.IsType<QuicException>(e).Error);
        Assert.Null(subject);
    }

    [SkippableFact]
    public async Task A_server_that_asks_for_a_certificate_may_take_clients_that_show_none()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer(validateClient: static (_, _, _, _) => true);
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        await using var server = await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit);
        Assert.Null(server!.PeerCertificate);
        await using var stream = await connection.OpenStreamAsync(bidirectional: true).AsTask().WaitAsync(QuicPair.Limit);
        await stream.Output.WriteAsync(new byte[] { 1 });
        await using var accepted = await server.AcceptStreamAsync().AsTask().WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task Without_a_protocol_in_common_there_is_no_connection()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicConfiguration.ForClient([new SslApplicationProtocol("other")], QuicPair.Settings, static (_, _, _, _) => true);
        var e = await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit));
        Assert.Equal(QuicError.AlpnNegotiation, e.Error);
    }

    [SkippableFact]
    public async Task A_configuration_that_fails_or_is_none_refuses_its_client_and_no_other()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        var calls = 0;
        await using var listener = QuicListener.Listen(new QuicListenerOptions
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            ApplicationProtocols = [QuicPair.Protocol],
            Configure = (_, _) => Interlocked.Increment(ref calls) switch
            {
                1 => throw new InvalidOperationException(),
                2 => new ValueTask<QuicConfiguration?>((QuicConfiguration?)null),
                _ => new ValueTask<QuicConfiguration?>(forServer),
            },
        });
        using var forClient = QuicPair.ForClient();
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit));
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task Connections_that_nobody_accepts_are_bounded()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer, backlog: 2);
        using var forClient = QuicPair.ForClient();
        var options = QuicPair.To(listener.EndPoint, forClient);
        await using var first = await QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit);
        await using var second = await QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit);
        var e = await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit));
        Assert.Equal(QuicError.ConnectionRefused, e.Error);
        Assert.Equal((2, 1L), (listener.Pending, listener.Refused));
        await using var accepted = await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit);
        await using var third = await QuicConnection.ConnectAsync(options).AsTask().WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task A_listener_that_is_disposed_closes_what_nobody_accepted()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        await using var client = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        await UntilAsync(() => listener.Pending == 1);
        var waiting = listener.AcceptAsync().AsTask();
        await using var accepted = await waiting.WaitAsync(QuicPair.Limit);
        waiting = listener.AcceptAsync().AsTask();
        await using var another = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        await using var taken = await waiting.WaitAsync(QuicPair.Limit);
        waiting = listener.AcceptAsync().AsTask();
        await listener.DisposeAsync().AsTask().WaitAsync(QuicPair.Limit);
        Assert.Null(await waiting.WaitAsync(QuicPair.Limit));
        // What was accepted goes on.
        Assert.False(client.Closed.IsCompleted);
    }

    [SkippableFact]
    public async Task An_address_that_is_taken_says_so()
    {
        QuicPair.RequireLibrary();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var forServer = QuicPair.ForServer();
        var options = new QuicListenerOptions
        {
            EndPoint = (IPEndPoint)taken.LocalEndPoint!,
            ApplicationProtocols = [QuicPair.Protocol],
            Configure = (_, _) => new ValueTask<QuicConfiguration?>(forServer),
        };
        Assert.Equal(QuicError.AddressInUse, Assert.Throws<QuicException>(() => QuicListener.Listen(options)).Error);
    }

    [SkippableFact]
    public async Task A_peer_that_has_gone_without_a_word_is_noticed()
    {
        UdpPath path = null!;
        var patient = QuicPair.Settings with { KeepAlive = TimeSpan.FromMilliseconds(200), DisconnectTimeout = TimeSpan.FromSeconds(1), IdleTimeout = TimeSpan.FromSeconds(20) };
        await using var pair = await QuicPair.StartAsync(client: patient, through: server => (path = new UdpPath(server)).EndPoint);
        using (path)
        {
            path.IsCut = true;
            var reason = await pair.Client.Closed.WaitAsync(TimeSpan.FromSeconds(15));
            Assert.Equal(QuicError.ConnectionTimeout, reason.Error);
        }
    }

    [SkippableFact]
    public async Task A_connection_on_which_nothing_moves_ends()
    {
        await using var pair = await QuicPair.StartAsync(server: QuicPair.Settings with { IdleTimeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(QuicError.ConnectionIdle, (await pair.Server.Closed.WaitAsync(QuicPair.Limit)).Error);
        await pair.Client.Closed.WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task A_client_whose_address_changes_keeps_its_streams()
    {
        UdpPath path = null!;
        await using var pair = await QuicPair.StartAsync(through: server => (path = new UdpPath(server)).EndPoint);
        using (path)
        {
            var (client, server) = await pair.OpenAsync();
            await using (client)
            await using (server)
            {
                var before = pair.Server.RemoteEndPoint;
                path.Move();
                var sent = StreamBytes.Random(300_000);
                var sending = Task.Run(async () =>
                {
                    await client.Output.SendAsync(sent, 10_000);
                    await client.Output.CompleteAsync();
                });
                Assert.Equal(sent, await server.Input.ReadToEndAsync());
                await sending;
                await UntilAsync(() => !pair.Server.RemoteEndPoint.Equals(before));
            }
        }
    }

    [SkippableFact]
    public async Task Whatever_is_thrown_at_its_port_a_listener_goes_on()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        // Datagrams of a real beginning, cut, flipped and repeated, and noise.
        var path = new UdpPath(listener.EndPoint) { Records = true };
        using (path)
        {
            await using (await QuicConnection.ConnectAsync(QuicPair.To(path.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit))
            {
            }

            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var random = new System.Random(20_261_129);
            foreach (var datagram in path.Recorded.Take(30))
            {
                for (var i = 0; i < 40; i++)
                {
                    var mutated = datagram[..random.Next(1, datagram.Length + 1)];
                    for (var flips = random.Next(4); flips > 0; flips--) mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
                    socket.SendTo(mutated, listener.EndPoint);
                    socket.SendTo(StreamBytes.Random(random.Next(0, 1500)), listener.EndPoint);
                }
            }
        }

        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal(0, Native.Callbacks.Failures);
    }

    [SkippableFact]
    public async Task Clients_that_leave_at_any_step_of_the_handshake_leave_nothing_behind()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer(QuicPair.Settings with { HandshakeTimeout = TimeSpan.FromSeconds(1), DisconnectTimeout = TimeSpan.FromSeconds(1) });
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        for (var datagrams = 1; datagrams <= 6; datagrams++)
        {
            // So many datagrams pass, and none after them.
            using var path = new UdpPath(listener.EndPoint) { CutsAfter = datagrams };
            using var soon = new CancellationTokenSource(300);
            var e = await Record.ExceptionAsync(async () =>
            {
                await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(path.EndPoint, forClient), soon.Token);
            });
            Assert.True(e is null or OperationCanceledException or QuicException, $"{e}");
        }

        using var timeout = new CancellationTokenSource(QuicPair.Limit);
        // Those whose handshake was done are accepted and end by themselves.
        while (listener.Pending > 0)
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token);
            soon.CancelAfter(200);
            try
            {
                await using var connection = await listener.AcceptAsync(soon.Token);
                await connection!.Closed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException) when (!timeout.IsCancellationRequested)
            {
                // Not yet.
            }
        }
    }

    [SkippableFact]
    public void Settings_that_make_no_sense_are_refused()
    {
        QuicPair.RequireLibrary();
        Assert.Throws<InvalidOperationException>(() => QuicPair.ForClient(new QuicSettings { StreamWindow = 100_000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuicPair.ForClient(new QuicSettings { MaxBidirectionalStreams = 70_000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuicPair.ForClient(new QuicSettings { IdleTimeout = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentException>(() => QuicConfiguration.ForClient([], new QuicSettings()));
    }

    [SkippableTheory]
    [InlineData(QuicCongestionControl.Cubic)]
    [InlineData(QuicCongestionControl.Bbr)]
    public async Task Either_congestion_control_carries_bytes_over_a_path_that_loses_some(QuicCongestionControl control)
    {
        UdpPath path = null!;
        var settings = QuicPair.Settings with { CongestionControl = control };
        await using var pair = await QuicPair.StartAsync(settings, settings, server => (path = new UdpPath(server) { LosesOneIn = 50 }).EndPoint);
        using (path)
        {
            var (client, server) = await pair.OpenAsync();
            await using (client)
            await using (server)
            {
                var sent = StreamBytes.Random(1_000_000);
                var sending = Task.Run(async () =>
                {
                    await client.Output.SendAsync(sent, 30_000);
                    await client.Output.CompleteAsync();
                });
                Assert.Equal(sent, await server.Input.ReadToEndAsync());
                await sending;
                Assert.NotEqual(0, path.Lost);
            }
        }
    }

    [Fact]
    public void Without_libmsquic_it_is_said_which_version_is_needed()
    {
        if (QuicLibrary.IsSupported)
        {
            Assert.Null(QuicLibrary.Problem);
            Assert.True(QuicLibrary.Version >= new Version(2, 2));
            return;
        }

        Assert.Contains("libmsquic", QuicLibrary.Problem, StringComparison.Ordinal);
        Assert.Throws<PlatformNotSupportedException>(() => QuicPair.ForClient());
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(QuicPair.Limit);
        while (!condition()) await Task.Delay(5, timeout.Token);
    }
}
