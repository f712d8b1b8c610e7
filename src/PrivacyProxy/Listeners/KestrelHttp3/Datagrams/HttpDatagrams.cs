using Masque;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using MsQuic;

namespace PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

/// <summary>
/// The HTTP Datagrams of a connection (RFC 9297, section 2.1): each begins with a quarter of its request stream's number. They are sent once the
/// client's SETTINGS have asked for them. What comes before its stream is known here waits, within a bound.
/// </summary>
internal sealed class HttpDatagrams(QuicConnection connection, DatagramCounters counters, int maxStreams)
{
    public const long DatagramError = 0x33, IdError = 0x108, SettingsError = 0x109;

    /// <summary>A larger one is no quarter of a stream's number.</summary>
    private const ulong MaxQuarter = (1ul << 60) - 1;

    private const int MaxEarly = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, StreamDatagrams> _streams = [];
    private readonly Queue<(long Stream, byte[] Datagram)> _early = new();
    private long _highest = -4;
    private volatile bool _isWanted;

    /// <summary>Whether the client's SETTINGS have asked for datagrams and its transport takes them.</summary>
    public bool CanSend => _isWanted && connection.MaxDatagramSize > 0;

    public DatagramCounters Counters => counters;

    /// <summary>SETTINGS_H3_DATAGRAM of the client; a value that may not be, or that its transport does not bear out, closes the connection.</summary>
    public void SetWanted(ulong value)
    {
        if (value > 1 || (value == 1 && connection.MaxDatagramSize == 0)) connection.Abort(SettingsError);
        _isWanted = value == 1;
    }

    /// <summary>A request stream that the client has opened.</summary>
    public StreamDatagrams Add(ConnectionContext stream)
    {
        var id = stream.Features.GetRequiredFeature<IStreamIdFeature>().StreamId;
        var flow = new StreamDatagrams(this, id, stream);
        lock (_lock)
        {
            _streams[id] = flow;
            _highest = Math.Max(_highest, id);
            // Those that came before it, in their order; the others wait on.
            for (var count = _early.Count; count > 0; count--)
            {
                var early = _early.Dequeue();
                if (early.Stream == id) flow.Receive(early.Datagram);
                else if (early.Stream > _highest) _early.Enqueue(early);
                else counters.Drop(DatagramDrop.UnknownStream);
            }
        }

        stream.Features.GetRequiredFeature<IStreamClosedFeature>().OnClosed(static state => ((StreamDatagrams)state!).Remove(), flow);
        return flow;
    }

    public void Remove(long id)
    {
        lock (_lock) _streams.Remove(id);
    }

    /// <summary>Takes a datagram from the transport, on its thread.</summary>
    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (!VarInt.TryRead(datagram, out var quarter, out var length) || quarter > MaxQuarter)
        {
            connection.Abort(DatagramError);
            return;
        }

        var id = (long)quarter * 4;
        StreamDatagrams? flow;
        lock (_lock)
        {
            if (!_streams.TryGetValue(id, out flow))
            {
                // Beyond all that it may have open it can be of no stream.
                if (id > _highest + (8L * maxStreams)) connection.Abort(IdError);
                else if (id <= _highest || _early.Count == MaxEarly) counters.Drop(DatagramDrop.UnknownStream);
                else _early.Enqueue((id, datagram[length..].ToArray()));
                return;
            }
        }

        flow.Receive(datagram[length..]);
    }

    /// <summary>Sends one of a stream; what the path does not take is lost.</summary>
    public void Send(long stream, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[VarInt.MaxLength + VarInt.MaxLength];
        var length = VarInt.Write(head, (ulong)stream / 4);
        header.CopyTo(head[length..]);
        length += header.Length;
        if (connection.TrySendDatagram(head[..length], payload)) return;
        counters.Drop(length + payload.Length > connection.MaxDatagramSize ? DatagramDrop.TooLarge : DatagramDrop.QueueFull);
    }
}
