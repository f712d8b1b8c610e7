using System.Collections.Concurrent;
using Masque;
using MsQuic;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;

namespace PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

/// <summary>
/// The HTTP Datagrams of a connection (RFC 9297, section 2.1): each begins with a quarter of its request stream's number. They are sent once the
/// client's SETTINGS have asked for them. What comes before its stream is known here waits, within a bound.
/// </summary>
internal sealed class HttpDatagrams(QuicConnection connection, DatagramCounters counters, QuicOptions options)
{
    public const long DatagramError = 0x33, IdError = 0x108, SettingsError = 0x109;

    /// <summary>A larger one is no quarter of a stream's number.</summary>
    private const ulong MaxQuarter = (1ul << 60) - 1;

    private const int MaxEarly = 64;

    /// <summary>Odd, as those that a server gives out (RFC 9298, section 4), and one byte.</summary>
    private const byte FillerContext = 0x3f;

    /// <summary>Datagrams that are handed over together, at most.</summary>
    public const int MaxBatch = QuicDatagramBatch.MaxCount;

    /// <summary>Filled and sent by one tunnel before another comes to this thread.</summary>
    [ThreadStatic]
    private static QuicDatagramBatch? _batch;

    private readonly Lock _lock = new();
    /// <summary>Looked into for every datagram; changed with the lock.</summary>
    private readonly ConcurrentDictionary<long, StreamDatagrams> _streams = new();
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
    public StreamDatagrams Add(QuicServerStream stream)
    {
        var id = stream.StreamId;
        var flow = new StreamDatagrams(this, id, stream);
        lock (_lock)
        {
            _highest = Math.Max(_highest, id);
            // Those that came before it, in their order; the others wait on.
            for (var count = _early.Count; count > 0; count--)
            {
                var early = _early.Dequeue();
                if (early.Stream == id) flow.Receive(early.Datagram);
                else if (early.Stream > _highest) _early.Enqueue(early);
                else counters.Drop(DatagramDrop.UnknownStream);
            }

            // From here on it is found without the lock.
            _streams[id] = flow;
        }

        stream.OnClosed(static state => ((StreamDatagrams)state!).Remove(), flow);
        return flow;
    }

    public void Remove(long id)
    {
        lock (_lock) _streams.TryRemove(id, out _);
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
        if (!_streams.TryGetValue(id, out var flow))
        {
            lock (_lock)
            {
                // It may have come just now.
                if (!_streams.TryGetValue(id, out flow))
                {
                    // Beyond all that it may have open it can be of no stream.
                    if (id > _highest + (8L * options.MaxStreams)) connection.Abort(IdError);
                    else if (id <= _highest || _early.Count == MaxEarly) counters.Drop(DatagramDrop.UnknownStream);
                    else _early.Enqueue((id, datagram[length..].ToArray()));
                    return;
                }
            }
        }

        flow.Receive(datagram[length..]);
    }

    /// <summary>Room for the next one of a stream, or one that comes so many later, in this thread's batch.</summary>
    public Span<byte> GetSpan(long stream, int ahead)
    {
        var batch = _batch ??= new QuicDatagramBatch();
        var span = batch.GetSpan(ahead);
        var length = VarInt.Write(span, (ulong)stream / 4);
        if (batch.Count + ahead == 0)
        {
            // Of a context that nobody has registered: it is dropped (RFC 9298, section 4).
            span[length] = FillerContext;
            batch.SetFiller(options.FillPackets ? span[..(length + 1)] : []);
        }

        return span[length..];
    }

    /// <summary>Adds the next one of a stream to this thread's batch; false when it is too large for the path.</summary>
    public bool TryAdd(long stream, int length)
    {
        length += VarInt.GetLength((ulong)stream / 4);
        // What fills all of the room was cut off.
        if (length > connection.MaxDatagramSize || length == QuicDatagramBatch.MaxLength) return false;
        _batch!.Add(length);
        return true;
    }

    /// <summary>Passes the next one of this thread's batch over.</summary>
    public void Skip(bool isLost)
    {
        _batch!.Skip();
        if (isLost) counters.Drop(DatagramDrop.TooLarge);
    }

    /// <summary>Sends this thread's batch; what the path does not take is lost.</summary>
    public void Flush()
    {
        if (_batch is not { Count: > 0 } batch) return;
        for (var lost = connection.Send(batch); lost > 0; lost--) counters.Drop(DatagramDrop.QueueFull);
    }
}
