using System.Net;

namespace PrivacyRelay.Socks5;

/// <summary>Reads the method negotiation and the request (RFC 1928, sections 3 and 4). Every length is a byte, so every read is bounded.</summary>
internal static class Socks5RequestReader
{
    public const byte Version = 0x05;

    /// <summary>No authentication.</summary>
    public const byte NoAuthentication = 0x00;

    /// <summary>User name and password (RFC 1929).</summary>
    public const byte Password = 0x02;

    /// <summary>None of those that were offered.</summary>
    public const byte NoMethod = 0xFF;

    private const byte PasswordVersion = 0x01;
    private const byte ConnectCommand = 0x01;
    private const byte UdpAssociateCommand = 0x03;

    private static readonly IPEndPoint _unknown = new(IPAddress.Any, 0);

    /// <summary>Reads the greeting; the method to go on with.</summary>
    /// <param name="stream">What the client sends.</param>
    /// <param name="asks">Whether a password is asked for; one that is offered alone is taken all the same.</param>
    /// <param name="cancellationToken">It took too long.</param>
    public static async ValueTask<byte> ReadGreetingAsync(Stream stream, bool asks, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var methods = new byte[head[1]];
        await stream.ReadExactlyAsync(methods, cancellationToken);
        if (head[0] != Version) return NoMethod;
        if (!asks && methods.AsSpan().Contains(NoAuthentication)) return NoAuthentication;
        return methods.AsSpan().Contains(Password) ? Password : NoMethod;
    }

    /// <summary>Reads name and password; both null when they are none.</summary>
    public static async ValueTask<(byte[]? Name, byte[]? Password)> ReadPasswordAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken);
        if (head[0] != PasswordVersion) return default;
        var name = new byte[head[1]];
        await stream.ReadExactlyAsync(name, cancellationToken);
        await stream.ReadExactlyAsync(head.AsMemory(1), cancellationToken);
        var password = new byte[head[1]];
        await stream.ReadExactlyAsync(password, cancellationToken);
        return (name, password);
    }

    /// <summary>The answer to them.</summary>
    public static byte[] PasswordAnswer(bool isGood) => [PasswordVersion, (byte)(isGood ? 0 : 1)];

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
