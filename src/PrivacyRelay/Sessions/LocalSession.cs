using PrivacyRelay.Configuration;
using PrivacyRelay.Streams;
using PrivacyRelay.Timing;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Sessions;

/// <summary>What SOCKS5 and HTTP clients have in common: a bounded handshake, a tunnel, and an end that does not lose the last answer.</summary>
/// <param name="options">The relay's.</param>
/// <param name="dialer">Opens tunnels.</param>
/// <param name="time">The clock.</param>
/// <param name="users">Who may use it.</param>
/// <param name="opened">Called when the local program has shown what it is for: a tunnel or an association of its own is open.</param>
internal sealed class LocalSession(RelayOptions options, ITunnelDialer dialer, TimeProvider time, LocalUsers users, Action? opened = null)
{
    /// <summary>Without another request a connection is closed, and with it the one to the origin that it keeps.</summary>
    private static readonly TimeSpan _keepAliveTimeout = TimeSpan.FromMinutes(1);

    /// <summary>As long as a client sends on, which has not looked for an answer yet.</summary>
    private static readonly TimeSpan _lingerTimeout = TimeSpan.FromSeconds(2);
    private const int MaxLingeringBytes = 64 * 1024 * 1024;

    /// <summary>Who may use the relay.</summary>
    public LocalUsers Users => users;

    /// <summary>Cancels what a local program takes too long for.</summary>
    public Deadline HandshakeTimeout(CancellationToken cancellationToken) => new(options.HandshakeTimeout, time, cancellationToken);

    /// <summary>Cancels the wait for another request.</summary>
    public Deadline KeepAliveTimeout(CancellationToken cancellationToken) => new(_keepAliveTimeout, time, cancellationToken);

    /// <summary>The same for one connection, which is told of when it has opened something.</summary>
    public LocalSession Telling(Action opened) => new(options, dialer, time, users, opened);

    /// <summary>Tells that something was opened for the local program.</summary>
    public void Opened() => opened?.Invoke();

    /// <inheritdoc cref="ITunnelDialer.OpenAsync"/>
    public async ValueTask<DuplexStream> OpenAsync(Destination destination, CancellationToken cancellationToken)
    {
        var tunnel = await dialer.OpenAsync(destination, cancellationToken);
        Opened();
        return tunnel;
    }

    public Task PumpAsync(DuplexStream client, DuplexStream upstream, CancellationToken cancellationToken) =>
        DuplexPump.RunAsync(client, upstream, time, options.IdleTimeout, cancellationToken);

    /// <summary>Cancels when nothing moves; the caller disposes it.</summary>
    public IdleTimer IdleTimeout(CancellationToken cancellationToken) => new(time, options.IdleTimeout, cancellationToken);

    /// <summary>Ends after an answer: closing with unread bytes would reset the connection and may destroy the answer on its way.</summary>
    public async Task CloseAsync(DuplexStream client, CancellationToken cancellationToken)
    {
        await client.CompleteWritesAsync(cancellationToken);
        var scrap = new byte[64 * 1024];
        for (var total = 0; total < MaxLingeringBytes;)
        {
            using var linger = new Deadline(_lingerTimeout, time, cancellationToken);
            var count = await client.ReadAsync(scrap, linger.Token);
            if (count == 0) return;
            total += count;
        }
    }
}
