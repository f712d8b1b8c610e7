using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Tests.Egress.Resolution;

/// <summary>A name server on loopback, UDP and TCP on one port, that answers what the test wants: none, one or several messages per query.</summary>
internal sealed class DnsTestServer : IAsyncDisposable
{
    private readonly Func<DnsTestQuestion, Task<byte[][]>> _respond;
    private readonly CancellationTokenSource _stop = new();
    private readonly UdpClient _udp;
    private readonly TcpListener _tcp;
    private readonly Task _loops;

    public DnsTestServer(Func<DnsTestQuestion, Task<byte[][]>> respond)
    {
        _respond = respond;
        (_udp, _tcp) = Bind();
        _loops = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public DnsTestServer(Func<DnsTestQuestion, DnsTestReply> respond)
        : this(question => Task.FromResult<byte[][]>([respond(question).ToArray()]))
    {
    }

    public string Address => _udp.Client.LocalEndPoint!.ToString()!;

    public ConcurrentQueue<DnsTestQuestion> Questions { get; } = new();

    public static DnsTestServer Silent() => new(_ => Task.FromResult<byte[][]>([]));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _tcp.Dispose();
        _udp.Dispose();
        await _loops;
        _stop.Dispose();
    }

    private static (UdpClient Udp, TcpListener Tcp) Bind()
    {
        while (true)
        {
            var tcp = new TcpListener(IPAddress.Loopback, 0);
            tcp.Start();
            try
            {
                return (new UdpClient((IPEndPoint)tcp.LocalEndpoint), tcp);
            }
            catch (SocketException)
            {
                tcp.Dispose(); // the UDP port of that number is taken: another one
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _udp.ReceiveAsync(_stop.Token);
                _ = AnswerUdpAsync(Note(received.Buffer, isTcp: false, received.RemoteEndPoint), received.RemoteEndPoint);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Ends with the loop's condition; an ICMP error of a client that left is of no interest.
            }
        }
    }

    private async Task AnswerUdpAsync(DnsTestQuestion question, IPEndPoint client)
    {
        foreach (var message in await _respond(question)) await _udp.SendAsync(message, client, _stop.Token);
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _stop.Token);
                var message = new byte[(length[0] << 8) | length[1]];
                await stream.ReadExactlyAsync(message, _stop.Token);
                foreach (var reply in await _respond(Note(message, isTcp: true, client.Client.RemoteEndPoint!)))
                    await stream.WriteAsync((byte[])[(byte)(reply.Length >> 8), (byte)reply.Length, .. reply], _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private DnsTestQuestion Note(byte[] message, bool isTcp, EndPoint client)
    {
        var question = DnsTestQuestion.Read(message, isTcp, client);
        Questions.Enqueue(question);
        return question;
    }
}
