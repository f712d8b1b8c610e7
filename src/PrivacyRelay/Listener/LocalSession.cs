using PrivacyRelay.Configuration;
using PrivacyRelay.HttpConnect;
using PrivacyRelay.Socks5.Udp;
using PrivacyRelay.Streams;
using PrivacyRelay.Timing;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Listener;

/// <summary>What SOCKS5 and HTTP clients have in common: a bounded handshake, a tunnel, and an end that does not lose the last answer.</summary>
internal sealed class LocalSession(RelayOptions options, ITunnelDialer dialer, UdpRelay udp, TimeProvider time)
{
    private static readonly TimeSpan _lingerTimeout = TimeSpan.FromSeconds(2);
    private const int MaxLingeringBytes = 256 * 1024;

    /// <summary>UDP of SOCKS5 clients.</summary>
    public UdpRelay Udp { get; } = udp;

    /// <summary>Cancels what a local program takes too long for.</summary>
    public Deadline HandshakeTimeout(CancellationToken cancellationToken) => new(options.HandshakeTimeout, time, cancellationToken);

    /// <inheritdoc cref="ITunnelDialer.OpenAsync"/>
    public ValueTask<DuplexStream> OpenAsync(Destination destination, CancellationToken cancellationToken) => dialer.OpenAsync(destination, cancellationToken);

    public Task PumpAsync(DuplexStream client, DuplexStream upstream, CancellationToken cancellationToken) =>
        DuplexPump.RunAsync(client, upstream, time, options.IdleTimeout, cancellationToken);

    /// <summary>One plain http request: its body up, the answer down.</summary>
    public async Task ForwardAsync(DuplexStream client, DuplexStream upstream, RequestBody body, CancellationToken cancellationToken)
    {
        using var idle = new IdleTimer(time, options.IdleTimeout, cancellationToken);
        await RequestForwarder.RunAsync(client, upstream, body, idle);
    }

    /// <summary>Ends after an answer: closing with unread bytes would reset the connection and may destroy the answer on its way.</summary>
    public async Task CloseAsync(DuplexStream client, CancellationToken cancellationToken)
    {
        await client.CompleteWritesAsync(cancellationToken);
        using var linger = new Deadline(_lingerTimeout, time, cancellationToken);
        var scrap = new byte[4096];
        for (var total = 0; total < MaxLingeringBytes;)
        {
            var count = await client.ReadAsync(scrap, linger.Token);
            if (count == 0) return;
            total += count;
        }
    }
}
