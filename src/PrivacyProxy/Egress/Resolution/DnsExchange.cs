using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>
/// One query to one server: UDP from a fresh port on a connected socket, so that only the server's datagrams count;
/// TCP (RFC 7766) when the answer is cut or the noise looks like an attack.
/// </summary>
internal static class DnsExchange
{
    // A forger needs many tries to hit id and port; nobody else sends unrelated datagrams.
    private const int MaxUnrelated = 16;
    private const int UdpBufferLength = 4096;

    /// <summary>Asks and waits until cancelled; null when the server cannot be reached or hangs up.</summary>
    /// <param name="server">Whom to ask.</param>
    /// <param name="query">The query.</param>
    /// <param name="exactCase">The question must come back in the very same case.</param>
    /// <param name="odd">Called for each datagram that is no answer to the query.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async ValueTask<DnsResponse?> AskAsync(IPEndPoint server, ReadOnlyMemory<byte> query, bool exactCase, Action odd, CancellationToken cancellationToken)
    {
        try
        {
            var response = await AskUdpAsync(server, query, exactCase, odd, cancellationToken);
            return response.Kind is DnsResponseKind.Truncated or DnsResponseKind.Unrelated
                ? await AskTcpAsync(server, query, exactCase, cancellationToken)
                : response;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static async ValueTask<DnsResponse> AskUdpAsync(IPEndPoint server, ReadOnlyMemory<byte> query, bool exactCase, Action odd, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(query, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(UdpBufferLength);
        try
        {
            var response = default(DnsResponse);
            for (var i = 0; i < MaxUnrelated && response.Kind == DnsResponseKind.Unrelated; i++)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                response = DnsResponse.Parse(buffer.AsSpan(0, received), query.Span, exactCase);
                if (response.Kind == DnsResponseKind.Unrelated) odd();
            }

            return response;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<DnsResponse?> AskTcpAsync(IPEndPoint server, ReadOnlyMemory<byte> query, bool exactCase, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(ushort.MaxValue + 2);
        try
        {
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)query.Length);
            query.CopyTo(buffer.AsMemory(2));
            for (var sent = 0; sent < query.Length + 2;)
                sent += await socket.SendAsync(buffer.AsMemory(sent, query.Length + 2 - sent), cancellationToken);
            if (!await ReadExactlyAsync(socket, buffer.AsMemory(0, 2), cancellationToken)) return null;
            var message = buffer.AsMemory(0, BinaryPrimitives.ReadUInt16BigEndian(buffer));
            if (!await ReadExactlyAsync(socket, message, cancellationToken)) return null;
            return DnsResponse.Parse(message.Span, query.Span, exactCase);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<bool> ReadExactlyAsync(Socket socket, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var received = await socket.ReceiveAsync(destination, cancellationToken);
            if (received == 0) return false;
            destination = destination[received..];
        }

        return true;
    }
}
