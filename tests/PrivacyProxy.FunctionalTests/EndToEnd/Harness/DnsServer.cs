using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>
/// A name server on loopback. The first label decides: <c>silent</c> gets no answer, <c>failing</c> SERVFAIL, <c>absent</c> NXDOMAIN,
/// <c>a-1-2-3-4</c> that address; AAAA questions get an empty answer.
/// </summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private const int HeaderSize = 12;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public DnsServer()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync();
    }

    public string Address => _socket.LocalEndPoint!.ToString()!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[1500];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Answer(buffer.AsSpan(0, received.ReceivedBytes)) is { } answer) await _socket.SendToAsync(answer, received.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static byte[]? Answer(ReadOnlySpan<byte> query)
    {
        var label = Encoding.ASCII.GetString(query.Slice(HeaderSize + 1, query[HeaderSize])).ToLowerInvariant();
        if (label == "silent") return null;
        var questionEnd = HeaderSize + query[HeaderSize..].IndexOf((byte)0) + 5;
        var isA = BinaryPrimitives.ReadUInt16BigEndian(query[(questionEnd - 4)..]) == 1;
        byte[] address = isA && label.StartsWith("a-", StringComparison.Ordinal) ? [.. label[2..].Split('-').Select(byte.Parse)] : [];

        var answer = query[..questionEnd].ToArray().ToList();
        (answer[2], answer[3]) = ((byte)0x81, (byte)(0x80 | label switch { "failing" => 2, "absent" => 3, _ => 0 }));
        (answer[6], answer[7]) = (0, (byte)(address.Length > 0 ? 1 : 0));
        for (var i = 8; i < HeaderSize; i++) answer[i] = 0;
        // A pointer to the question's name, type A, class IN, TTL 60, 4 bytes.
        if (address.Length > 0) answer.AddRange([0xC0, HeaderSize, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. address]);
        return [.. answer];
    }
}
