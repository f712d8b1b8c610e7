using System.Collections.Concurrent;
using Masque;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>The HTTP Datagrams of a connection: each begins with a quarter of its request stream's number (RFC 9297, section 2.1).</summary>
internal sealed class RequestDatagrams(IQuicTransport transport)
{
    /// <summary>A larger one is no quarter of a stream's number.</summary>
    private const ulong MaxQuarter = (1ul << 60) - 1;

    private readonly ConcurrentDictionary<long, Flow> _flows = new();

    /// <summary>Takes one from the transport; what belongs to no open tunnel is dropped, and one that says of none it belongs to ends the connection.</summary>
    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (!VarInt.TryRead(datagram, out var quarter, out var length) || quarter > MaxQuarter) transport.Abort(Http3Codes.DatagramError);
        else if (_flows.TryGetValue((long)quarter * 4, out var flow)) flow.Receive(datagram[length..]);
        else DroppedDatagrams.Add(DatagramDrop.UnknownStream);
    }

    /// <summary>Those of a request, before it is sent, so that none is missed.</summary>
    public Flow Add(long stream)
    {
        var flow = new Flow(transport, stream);
        _flows[stream] = flow;
        return flow;
    }

    public void Remove(long stream) => _flows.TryRemove(stream, out _);

    internal sealed class Flow(IQuicTransport transport, long stream) : IStreamDatagrams
    {
        private const int MaxHeld = 64;

        private readonly Lock _lock = new();
        private readonly Queue<byte[]> _held = new();
        private Action<ReadOnlyMemory<byte>>? _receiver;

        public bool Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
        {
            Span<byte> head = stackalloc byte[2 * VarInt.MaxLength];
            var length = VarInt.Write(head, (ulong)stream / 4);
            header.CopyTo(head[length..]);
            length += header.Length;
            if (transport.TrySendDatagram(head[..length], payload)) return true;
            DroppedDatagrams.Add(length + payload.Length > transport.MaxDatagramSize ? DatagramDrop.TooLarge : DatagramDrop.QueueFull);
            return false;
        }

        public void Open(Action<ReadOnlyMemory<byte>> receiver)
        {
            lock (_lock)
            {
                while (_held.TryDequeue(out var held)) receiver(held);
                _receiver = receiver;
            }
        }

        public void Receive(ReadOnlySpan<byte> datagram)
        {
            var copy = datagram.ToArray();
            lock (_lock)
            {
                if (_receiver is not null) _receiver(copy);
                else if (_held.Count < MaxHeld) _held.Enqueue(copy);
                else DroppedDatagrams.Add(DatagramDrop.QueueFull);
            }
        }
    }
}
