using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Tunneling.Loops;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>
/// One open connect-udp tunnel (RFC 9298): datagrams between a client's capsules and a connected socket, that of the first address of the
/// name which answers. Runs on the loop that it is made on, if any. Stream and socket live and end together.
/// Neither direction holds more than one batch: what does not fit waits in the socket or in the client's flow control, or is dropped by the kernel.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The race is closed by CloseOrigin, and when both directions have ended.")]
internal sealed class UdpTunnel : SocketTunnel
{
    /// <summary>How long the client may take to read the last write.</summary>
    private static readonly TimeSpan _lastWrite = TimeSpan.FromSeconds(2);

    private readonly UdpRace _race;
    private readonly DatagramFlow? _flow;
    private readonly UdpArrivals? _arrivals;
    private readonly UdpUpload _upload;
    private readonly UdpDownload _download;

    /// <param name="client">The client's side.</param>
    /// <param name="target">The socket to the target's preferred address.</param>
    /// <param name="registry">Knows the tunnel while it is open.</param>
    /// <param name="traffic">What it moves.</param>
    /// <param name="next">Gives a socket to the target's next address; null where it has only one.</param>
    /// <param name="time">The clock of how long an address may be silent.</param>
    public UdpTunnel(TunnelClient client, Socket target, TunnelRegistry registry, TunnelTraffic traffic, Func<Socket?>? next = null, TimeProvider? time = null)
        : base(client, target, registry, traffic)
    {
        _race = new UdpRace(target, next, time ?? TimeProvider.System, EventLoop.Current);
        _flow = client.Datagrams;
        _arrivals = _flow is null ? null : new UdpArrivals();
        _upload = new UdpUpload(client.Input, _race, registry, traffic, _arrivals);
        _download = new UdpDownload(client, _race, registry, traffic, _flow);
    }

    protected override void CloseOrigin() => _race.Dispose();

    protected override async Task PumpAsync()
    {
        using var ended = _race;
        var download = DownloadAsync();
        var arrivals = ArrivalsAsync();
        await UploadAsync();
        _arrivals?.Close();
        await arrivals;
        try
        {
            await download.WaitAsync(_lastWrite);
        }
        catch (TimeoutException)
        {
            // A client that reads nothing would hold its last write, and with it the tunnel, for ever.
            Client.Reset();
            await download;
        }
    }

    /// <summary>After an idle time, too, the stream ends in order.</summary>
    protected override bool BreaksClient(TunnelEnding reason) =>
        reason is TunnelEnding.ClientReset or TunnelEnding.OriginReset or TunnelEnding.Drained;

    protected override TunnelEnding? Overdue(TimeProvider time, long now, TunnelOptions options)
    {
        var lastActive = Math.Max(_upload.LastActive, _download.LastActive);
        return time.GetElapsedTime(lastActive, now) >= options.UdpIdleTimeout ? TunnelEnding.IdleTimeout : null;
    }

    private async Task UploadAsync()
    {
        try
        {
            Stop(await _upload.RunAsync(() => HasEnded));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Stop(TunnelEnding.OriginReset);
        }
        catch (Exception)
        {
            // Whatever a broken connection throws: there is no client any more.
            Stop(TunnelEnding.ClientReset);
        }
    }

    private async Task ArrivalsAsync()
    {
        if (_arrivals is null) return;
        _flow!.Open(_arrivals.Receive);
        try
        {
            if (!await _upload.RunArrivalsAsync()) Stop(TunnelEnding.Malformed);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Stop(TunnelEnding.OriginReset);
        }
    }

    private async Task DownloadAsync()
    {
        try
        {
            await _download.RunAsync();
            Stop(TunnelEnding.ClientReset);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Stop(TunnelEnding.OriginReset);
        }
        catch (Exception)
        {
            Stop(TunnelEnding.ClientReset);
        }
        finally
        {
            Client.ReleaseBuffer();
        }

        // What was broken has no end in order; on HTTP/3 it would be waited for in vain.
        if (Ending is TunnelEnding.Finished or TunnelEnding.IdleTimeout) await TryCompleteAsync();
    }

    /// <summary>The end of the socket is the end of the stream.</summary>
    private async ValueTask TryCompleteAsync()
    {
        try
        {
            await Client.CompleteAsync();
        }
        catch (Exception)
        {
            // Reset, or gone.
        }
    }
}
