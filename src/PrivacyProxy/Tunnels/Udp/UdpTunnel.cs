using System.Net.Sockets;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>
/// One open connect-udp tunnel (RFC 9298): datagrams between a client's capsules and a connected socket. Stream and socket live and end together.
/// Neither direction holds more than one batch: what does not fit waits in the socket or in the client's flow control, or is dropped by the kernel.
/// </summary>
internal sealed class UdpTunnel : ITunnel
{
    private readonly TunnelClient _client;
    private readonly Socket _target;
    private readonly TunnelRegistry _registry;
    private readonly TunnelTraffic _traffic;
    private readonly UdpUpload _upload;
    private readonly UdpDownload _download;
    private readonly Lock _gate = new();
    private TunnelEnding _ending;

    public UdpTunnel(TunnelClient client, Socket target, TunnelRegistry registry, TunnelTraffic traffic)
    {
        (_client, _target, _registry, _traffic) = (client, target, registry, traffic);
        _upload = new UdpUpload(client.Input, target, registry, traffic);
        _download = new UdpDownload(client, target, registry, traffic);
    }

    private bool HasEnded
    {
        get
        {
            lock (_gate) return _ending != TunnelEnding.None;
        }
    }

    /// <summary>Pumps until the client ends the stream or <see cref="Stop"/>; closes the socket. Never throws.</summary>
    public async Task<TunnelEnding> RunAsync()
    {
        _registry.Add(this);
        var download = DownloadAsync();
        await UploadAsync();
        await download;
        _registry.Remove(this);
        _traffic.Tell();
        lock (_gate) return _ending;
    }

    public void Stop(TunnelEnding reason)
    {
        lock (_gate)
        {
            if (_ending != TunnelEnding.None) return;
            _ending = reason;
            _target.Dispose();
            if (reason == TunnelEnding.Malformed) _client.ResetMalformed();
            else if (reason is TunnelEnding.ClientReset or TunnelEnding.OriginReset or TunnelEnding.Drained) _client.Reset();
        }

        CancelRead();
    }

    public void Sweep(TimeProvider time, long now, TunnelOptions options)
    {
        _traffic.Tell();
        var lastActive = Math.Max(_upload.LastActive, _download.LastActive);
        if (time.GetElapsedTime(lastActive, now) >= options.UdpIdleTimeout) Stop(TunnelEnding.IdleTimeout);
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
            _client.ReleaseBuffer();
        }

        await TryCompleteAsync();
    }

    /// <summary>The end of the socket is the end of the stream.</summary>
    private async ValueTask TryCompleteAsync()
    {
        try
        {
            await _client.CompleteAsync();
        }
        catch (Exception)
        {
            // Reset, or gone.
        }
    }

    private void CancelRead()
    {
        try
        {
            _client.Input.CancelPendingRead();
        }
        catch (Exception)
        {
            // Kestrel's reader throws what broke it: then no read is waiting.
        }
    }
}
