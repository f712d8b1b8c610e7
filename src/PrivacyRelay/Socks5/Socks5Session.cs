using PrivacyRelay.Listener;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5;

/// <summary>Serves one SOCKS5 client: negotiation, CONNECT, then the tunnel (RFC 1928).</summary>
internal static class Socks5Session
{
    public static async Task RunAsync(DuplexStream client, LocalSession session, CancellationToken cancellationToken)
    {
        Socks5Request request;
        using (var handshake = session.HandshakeTimeout(cancellationToken))
        {
            if (!await Socks5RequestReader.ReadGreetingAsync(client, handshake.Token))
            {
                await client.WriteAsync(new byte[] { Socks5RequestReader.Version, 0xFF }, handshake.Token);
                await session.CloseAsync(client, cancellationToken);
                return;
            }

            await client.WriteAsync(new byte[] { Socks5RequestReader.Version, 0x00 }, handshake.Token);
            request = await Socks5RequestReader.ReadRequestAsync(client, handshake.Token);
        }

        if (request.Destination is not { } destination)
        {
            await RefuseAsync(client, session, request.Refusal, cancellationToken);
            return;
        }

        DuplexStream upstream;
        try
        {
            upstream = await session.OpenAsync(destination, cancellationToken);
        }
        catch (TunnelException e)
        {
            await RefuseAsync(client, session, ReplyOf(e.Error), cancellationToken);
            return;
        }

        await using (upstream)
        {
            await client.WriteAsync(Reply(Socks5Reply.Succeeded), cancellationToken);
            await session.PumpAsync(client, upstream, cancellationToken);
        }
    }

    private static async Task RefuseAsync(DuplexStream client, LocalSession session, Socks5Reply reply, CancellationToken cancellationToken)
    {
        await client.WriteAsync(Reply(reply), cancellationToken);
        await session.CloseAsync(client, cancellationToken);
    }

    private static Socks5Reply ReplyOf(TunnelError error) => error switch
    {
        TunnelError.Denied => Socks5Reply.NotAllowedByRuleset,
        TunnelError.HostUnreachable => Socks5Reply.HostUnreachable,
        TunnelError.ConnectionRefused => Socks5Reply.ConnectionRefused,
        TunnelError.TimedOut => Socks5Reply.TtlExpired,
        _ => Socks5Reply.GeneralFailure,
    };

    /// <summary>The bound address is the proxy's business: all zero, as RFC 1928 leaves open and clients expect.</summary>
    private static byte[] Reply(Socks5Reply reply) => [Socks5RequestReader.Version, (byte)reply, 0x00, 0x01, 0, 0, 0, 0, 0, 0];
}
