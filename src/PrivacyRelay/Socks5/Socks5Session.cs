using System.Net;
using System.Net.Sockets;
using PrivacyRelay.Sessions;
using PrivacyRelay.Socks5.Udp;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5;

/// <summary>Serves one SOCKS5 client: negotiation, CONNECT or UDP ASSOCIATE, then what was asked for (RFC 1928).</summary>
internal static class Socks5Session
{
    /// <summary>The bound address of a tunnel is the proxy's business: all zero, as RFC 1928 leaves open and clients expect.</summary>
    private static readonly IPEndPoint _unknown = new(IPAddress.Any, 0);

    /// <param name="client">What the client sends and gets.</param>
    /// <param name="connection">The connection below, for its addresses.</param>
    /// <param name="session">What all clients share.</param>
    /// <param name="udp">Their associations.</param>
    /// <param name="cancellationToken">The relay stops.</param>
    public static async Task RunAsync(DuplexStream client, Socket connection, LocalSession session, UdpRelay udp, CancellationToken cancellationToken)
    {
        Socks5Request request;
        using (var handshake = session.HandshakeTimeout(cancellationToken))
        {
            var method = await Socks5RequestReader.ReadGreetingAsync(client, session.Users.AreAsked, handshake.Token);
            await client.WriteAsync(new byte[] { Socks5RequestReader.Version, method }, handshake.Token);
            if (method == Socks5RequestReader.NoMethod || (method == Socks5RequestReader.Password && !await AdmitAsync(client, session, handshake.Token)))
            {
                await session.CloseAsync(client, cancellationToken);
                return;
            }

            request = await Socks5RequestReader.ReadRequestAsync(client, handshake.Token);
        }

        if (request.Announced is { } announced) await AssociateAsync(client, connection, announced, session, udp, cancellationToken);
        else if (request.Destination is { } destination) await ConnectAsync(client, destination, session, cancellationToken);
        else await RefuseAsync(client, session, request.Refusal, cancellationToken);
    }

    private static async ValueTask<bool> AdmitAsync(DuplexStream client, LocalSession session, CancellationToken cancellationToken)
    {
        var (name, password) = await Socks5RequestReader.ReadPasswordAsync(client, cancellationToken);
        var isGood = name is not null && session.Users.Admit(name, password);
        await client.WriteAsync(Socks5RequestReader.PasswordAnswer(isGood), cancellationToken);
        return isGood;
    }

    private static async Task ConnectAsync(DuplexStream client, Destination destination, LocalSession session, CancellationToken cancellationToken)
    {
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
            await client.WriteAsync(Reply(Socks5Reply.Succeeded, _unknown), cancellationToken);
            await session.PumpAsync(client, upstream, cancellationToken);
        }
    }

    private static async Task AssociateAsync(DuplexStream client, Socket connection, IPEndPoint announced, LocalSession session, UdpRelay udp, CancellationToken cancellationToken)
    {
        using var association = udp.TryOpen(connection, announced);
        if (association is null)
        {
            await RefuseAsync(client, session, Socks5Reply.GeneralFailure, cancellationToken);
            return;
        }

        session.Opened();
        await client.WriteAsync(Reply(Socks5Reply.Succeeded, association.EndPoint), cancellationToken);
        await association.RunAsync(client, cancellationToken);
    }

    private static async Task RefuseAsync(DuplexStream client, LocalSession session, Socks5Reply reply, CancellationToken cancellationToken)
    {
        await client.WriteAsync(Reply(reply, _unknown), cancellationToken);
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

    private static byte[] Reply(Socks5Reply reply, IPEndPoint bound)
    {
        Span<byte> bytes = stackalloc byte[3 + Socks5Address.MaxLength];
        (bytes[0], bytes[1], bytes[2]) = (Socks5RequestReader.Version, (byte)reply, 0x00);
        return bytes[..(3 + Socks5Address.Write(bytes[3..], bound))].ToArray();
    }
}
