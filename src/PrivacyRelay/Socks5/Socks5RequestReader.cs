using System.Buffers.Binary;
using System.Net;
using System.Text;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5;

/// <summary>Reads the method negotiation and the request (RFC 1928, sections 3 and 4). Every length is a byte, so every read is bounded.</summary>
internal static class Socks5RequestReader
{
    public const byte Version = 0x05;

    private const byte NoAuthentication = 0x00;
    private const byte ConnectCommand = 0x01;

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
        var head = new byte[4];
        await stream.ReadExactlyAsync(head, cancellationToken);
        if (head[0] != Version || head[2] != 0) return new Socks5Request(null, Socks5Reply.GeneralFailure);
        // BIND and UDP ASSOCIATE among them.
        if (head[1] != ConnectCommand) return new Socks5Request(null, Socks5Reply.CommandNotSupported);

        string host;
        switch (head[3])
        {
            case 0x01: host = new IPAddress(await ReadAsync(stream, 4, cancellationToken)).ToString(); break;
            case 0x04: host = new IPAddress(await ReadAsync(stream, 16, cancellationToken)).ToString(); break;
            case 0x03: host = Encoding.Latin1.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1, cancellationToken))[0], cancellationToken)); break;
            default: return new Socks5Request(null, Socks5Reply.AddressTypeNotSupported);
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(stream, 2, cancellationToken));
        return new Socks5Request(Destination.Create(host, port), Socks5Reply.GeneralFailure);
    }

    private static async ValueTask<byte[]> ReadAsync(Stream stream, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
