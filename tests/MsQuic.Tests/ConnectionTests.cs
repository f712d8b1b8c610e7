namespace MsQuic.Tests;

/// <summary>Connections once they are there, to their end.</summary>
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
    public async Task The_first_counts_too_when_who_learns_of_the_end_closes_it_at_once_with_another()
    {
        for (var round = 0; round < 100; round++)
        {
            await using var pair = await QuicPair.StartAsync();
            var other = Task.Run(() =>
            {
                while (!pair.Client.Closed.IsCompleted) Thread.SpinWait(1);
                pair.Client.Abort(0x62);
            });
            // It spins by now.
            await Task.Delay(1);
            pair.Client.Abort(0x61);
            await other.WaitAsync(QuicPair.Limit);
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
                await QuicPair.UntilAsync(() => !pair.Server.RemoteEndPoint.Equals(before));
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
}
