using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Harness;

/// <summary>
/// A path for UDP between one client and a server that takes its time and loses some datagrams, by chance, each way: for machines whose
/// kernel has no netem. Threads of its own, so that a busy pool does not add to it.
/// </summary>
internal sealed class LossyPath : IDisposable
{
    private const int BufferSize = 8 * 1024 * 1024;
    private const int MaxDatagram = 2048;

    private readonly Socket _clientSide = Bind();
    private readonly Socket _serverSide = Bind();
    private readonly SocketAddress _server;
    private readonly double _loss;
    private readonly long _delay;
    private SocketAddress? _client;

    /// <param name="server">Where it leads.</param>
    /// <param name="loss">Of 1: how many are lost each way.</param>
    /// <param name="delay">Each way.</param>
    public LossyPath(IPEndPoint server, double loss, TimeSpan delay)
    {
        (_server, _loss, _delay) = (server.Serialize(), loss, (long)(delay.TotalSeconds * Stopwatch.Frequency));
        Carry(_clientSide, _serverSide, isUp: true);
        Carry(_serverSide, _clientSide, isUp: false);
    }

    /// <summary>Where the client goes.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_clientSide.LocalEndPoint!;

    public void Dispose()
    {
        _clientSide.Dispose();
        _serverSide.Dispose();
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = BufferSize, SendBufferSize = BufferSize };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Carry(Socket from, Socket to, bool isUp)
    {
        var waiting = new BlockingCollection<(long DueAt, byte[] Datagram)>();
        new Thread(() => Take(from, waiting, isUp)) { IsBackground = true }.Start();
        new Thread(() => PassOn(to, waiting, isUp)) { IsBackground = true }.Start();
    }

    private void Take(Socket from, BlockingCollection<(long DueAt, byte[] Datagram)> waiting, bool isUp)
    {
        var buffer = new byte[MaxDatagram];
        var chance = new Random(isUp ? 1 : 2);
        var source = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (true)
            {
                var length = from.ReceiveFrom(buffer, SocketFlags.None, source);
                if (isUp && !source.Equals(_client))
                {
                    _client = source;
                    source = new SocketAddress(AddressFamily.InterNetwork);
                }

                if (chance.NextDouble() >= _loss) waiting.Add((Stopwatch.GetTimestamp() + _delay, buffer[..length]));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the load is over.
            waiting.CompleteAdding();
        }
    }

    private void PassOn(Socket to, BlockingCollection<(long DueAt, byte[] Datagram)> waiting, bool isUp)
    {
        foreach (var (dueAt, datagram) in waiting.GetConsumingEnumerable())
        {
            while (dueAt - Stopwatch.GetTimestamp() is var left and > 0) Thread.Sleep(TimeSpan.FromSeconds((double)left / Stopwatch.Frequency) + TimeSpan.FromMicroseconds(50));
            try
            {
                to.SendTo(datagram, SocketFlags.None, isUp ? _server : _client!);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Refused, or the load is over: lost.
            }
        }
    }
}
