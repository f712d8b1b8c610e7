using System.Net;

namespace PrivacyRelay.Socks5;

/// <summary>Reads the method negotiation and the request (RFC 1928, sections 3 and 4). Every length is a byte, so every read is bounded.</summary>
internal static class Socks5RequestReader
{
    public const byte Version = 0x05;

    private const byte NoAuthentication = 0x00;
    private const byte ConnectCommand = 0x01;
    private const byte UdpAssociateCommand = 0x03;

    private static readonly IPEndPoint _unknown = new(IPAddress.Any, 0);

    /// <summary>Reads the greeting; true when the client can go without authentication.</summary>
    public static async ValueTask<bool> ReadGreetingAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var methods = new byte[head[1]];
        await stream.ReadExactlyAsync(methods, cancellationToken);
        return head[0] == Version && methods.AsSpan().Contains(NoAuthentication);
    }

    /// <summary>Reads the request. A refused one may be left half read.</summary>
    public static async ValueTask<Socks5Request> ReadRequestAsync(Stream stream, CancellationToken cancellationToken)
    {
        // Up to the first byte of the host: every request is longer, and a name says there how long it is.
        var head = new byte[5];
        await stream.ReadExactlyAsync(head.AsMemory(0, 4), cancellationToken);
        if (head[0] != Version || head[2] != 0) return Socks5Request.Refused(Socks5Reply.GeneralFailure);
        if (head[1] is not (ConnectCommand or UdpAssociateCommand)) return Socks5Request.Refused(Socks5Reply.CommandNotSupported);
        if (Socks5Address.LengthOf(head[3], 0) is null) return Socks5Request.Refused(Socks5Reply.AddressTypeNotSupported);
        await stream.ReadExactlyAsync(head.AsMemory(4), cancellationToken);
        var address = new byte[Socks5Address.LengthOf(head[3], head[4])!.Value];
        head.AsSpan(3).CopyTo(address);
        await stream.ReadExactlyAsync(address.AsMemory(2), cancellationToken);
        return head[1] == ConnectCommand
            ? new Socks5Request(Socks5Address.ReadDestination(address), null, Socks5Reply.GeneralFailure)
            : new Socks5Request(null, Socks5Address.ReadEndPoint(address) ?? _unknown, Socks5Reply.Succeeded);
    }
}
