using Microsoft.Extensions.Logging;
using PrivacyRelay.Timing;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5.Udp;

/// <summary>One destination of an association and the tunnel to it. Ends when nothing moved for a time, when the tunnel ends, and with the association.</summary>
internal sealed partial class UdpFlow(byte[] address, Destination destination, UdpLink link, UdpRelay relay)
{
    /// <summary>A few round trips of one sender, or one datagram of any size.</summary>
    private const int MaxWaiting = 64;
    private const int MaxWaitingBytes = 64 * 1024;

    /// <summary>A destination that is refused costs a token each time: whoever sends again must not spend them all.</summary>
    private static readonly TimeSpan _betweenTries = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = relay.Logger;
    private readonly DatagramQueue _waiting = new(MaxWaiting, MaxWaitingBytes);

    /// <summary>Datagrams of either direction that were lost here.</summary>
    public long Dropped { get; private set; }

    /// <summary>Never waits: what there is no room for is dropped.</summary>
    public void Send(ReadOnlySpan<byte> payload) => _waiting.Enqueue(payload);

    /// <summary>Opens the tunnel and runs until the flow has ended; what a peer does throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The caller goes on reading datagrams.
        await Task.Yield();
        var start = relay.Time.GetTimestamp();
        try
        {
            await using var tunnel = await relay.Dialer.OpenUdpAsync(destination, cancellationToken);
            await PumpAsync(tunnel, cancellationToken);
            Dropped += tunnel.Dropped;
        }
        catch (TunnelException e)
        {
            LogRefused(e.Error);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The association has ended, or closing a broken tunnel failed.
        }

        _waiting.Close();
        Dropped += _waiting.Dropped;
        var left = _betweenTries - relay.Time.GetElapsedTime(start);
        if (left > TimeSpan.Zero) await Task.Delay(left, relay.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PumpAsync(IDatagramTunnel tunnel, CancellationToken cancellationToken)
    {
        using var idle = new IdleTimer(relay.Time, relay.IdleTimeout, cancellationToken);
        await Task.WhenAll(UntilEndAsync(UpAsync(tunnel, idle), idle), UntilEndAsync(DownAsync(tunnel, idle), idle));
    }

    /// <summary>The end of one direction ends the other.</summary>
    private static async Task UntilEndAsync(Task direction, IdleTimer idle)
    {
        try
        {
            await direction;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Idle, ended or broken.
        }
        finally
        {
            idle.Cancel();
        }
    }

    private async Task UpAsync(IDatagramTunnel tunnel, IdleTimer idle)
    {
        while (true)
        {
            await _waiting.WaitAsync(idle.Token);
            idle.Active();
            _waiting.MoveTo(tunnel);
            await tunnel.FlushAsync(idle.Token);
        }
    }

    private async Task DownAsync(IDatagramTunnel tunnel, IdleTimer idle)
    {
        while (await tunnel.ReceiveAsync(idle.Token) is { } payload)
        {
            idle.Active();
            link.Answer(address, payload);
        }
    }

    [LoggerMessage(EventId = 3111, Level = LogLevel.Debug, Message = "A UDP destination was refused and its datagrams dropped: {Error}")]
    private partial void LogRefused(TunnelError error);
}
