using System.Buffers.Binary;
using System.Net;
using System.Text;
using PrivacyRelay.Sessions;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks4;

/// <summary>Serves one SOCKS4 or 4a client: CONNECT to an IPv4 address, or with 4a to a name that the proxy resolves. It knows no passwords.</summary>
internal static class Socks4Session
{
    public const byte Version = 0x04;

    private const byte ConnectCommand = 0x01;
    private const byte Granted = 0x5A;
    private const byte Rejected = 0x5B;

    /// <summary>User and name may have so many bytes; of a user nothing is made.</summary>
    private const int LongestText = 255;

    /// <param name="client">What the client sends and gets.</param>
    /// <param name="session">What all clients share.</param>
    /// <param name="cancellationToken">The relay stops.</param>
    public static async Task RunAsync(DuplexStream client, LocalSession session, CancellationToken cancellationToken)
    {
        Destination? destination;
        using (var handshake = session.HandshakeTimeout(cancellationToken)) destination = await ReadAsync(client, handshake.Token);
        if (destination is null || session.Users.AreAsked)
        {
            await RefuseAsync(client, session, cancellationToken);
            return;
        }

        DuplexStream upstream;
        try
        {
            upstream = await session.OpenAsync(destination, cancellationToken);
        }
        catch (TunnelException)
        {
            await RefuseAsync(client, session, cancellationToken);
            return;
        }

        await using (upstream)
        {
            await client.WriteAsync(Reply(Granted), cancellationToken);
            await session.PumpAsync(client, upstream, cancellationToken);
        }
    }

    /// <summary>Where it wants to go; null for anything that is no such request. One that is refused may be left half read.</summary>
    private static async ValueTask<Destination?> ReadAsync(DuplexStream client, CancellationToken cancellationToken)
    {
        var head = new byte[8];
        await client.ReadExactlyAsync(head, cancellationToken);
        if (head[1] != ConnectCommand || await ReadTextAsync(client, cancellationToken) is null) return null;
        var port = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2));
        // 0.0.0.x, x not 0: a name follows.
        if (head[4] != 0 || head[5] != 0 || head[6] != 0) return Destination.Create(new IPAddress(head.AsSpan(4)).ToString(), port);
        return head[7] != 0 && await ReadTextAsync(client, cancellationToken) is { Length: > 0 } name ? Destination.Create(name, port) : null;
    }

    /// <summary>Up to a zero byte, which is taken; null when there are too many.</summary>
    private static async ValueTask<string?> ReadTextAsync(DuplexStream client, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (text.Length <= LongestText)
        {
            await client.ReadExactlyAsync(one, cancellationToken);
            if (one[0] == 0) return text.ToString();
            text.Append((char)one[0]);
        }

        return null;
    }

    private static async Task RefuseAsync(DuplexStream client, LocalSession session, CancellationToken cancellationToken)
    {
        await client.WriteAsync(Reply(Rejected), cancellationToken);
        await session.CloseAsync(client, cancellationToken);
    }

    private static byte[] Reply(byte code) => [0x00, code, 0, 0, 0, 0, 0, 0];
}
