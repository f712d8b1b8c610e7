using MsQuic.Native;

namespace MsQuic;

/// <summary>Takes a datagram, on a thread of libmsquic's: it has to be quick, and what it wants to keep it copies.</summary>
public delegate void QuicDatagramHandler(ReadOnlySpan<byte> datagram);

/// <content>Datagrams (RFC 9221): each arrives once or never, in any order.</content>
public sealed partial class QuicConnection
{
    /// <summary>Datagrams not yet in a packet, at most: what comes faster than the path takes it is dropped.</summary>
    public const int MaxQueuedDatagrams = 512;

    /// <summary>What libmsquic lets a server send before the path is known: packets of 1,248 bytes over IPv6 to a connection id of eight.</summary>
    private const int FirstMaxDatagramSize = 1248 - 40 - 8 - 1 - 8 - 4 - 16 - 3;

    private volatile int _maxDatagramSize;
    private volatile QuicDatagramHandler? _datagramHandler;
    private long _handedDatagrams, _droppedDatagrams;

    // Counted in callbacks alone, of which there is one at a time.
    private long _sentDatagrams, _canceledDatagrams, _unhandledDatagrams;

    /// <summary>The largest payload that can be sent now; 0 when the peer takes none. It changes with the path.</summary>
    public int MaxDatagramSize => _maxDatagramSize;

    /// <summary>Takes what arrives; without one it is dropped.</summary>
    public QuicDatagramHandler? DatagramHandler
    {
        get => _datagramHandler;
        set => _datagramHandler = value;
    }

    /// <summary>Datagrams that were put into packets.</summary>
    public long SentDatagrams => Volatile.Read(ref _sentDatagrams);

    /// <summary>Datagrams to be sent that were dropped: too large for the path, too many, or the connection had ended.</summary>
    public long DroppedDatagrams => Interlocked.Read(ref _droppedDatagrams) + Volatile.Read(ref _canceledDatagrams);

    /// <summary>Datagrams that arrived when there was no handler.</summary>
    public long UnhandledDatagrams => Volatile.Read(ref _unhandledDatagrams);

    private long QueuedDatagrams => Interlocked.Read(ref _handedDatagrams) - Volatile.Read(ref _sentDatagrams) - Volatile.Read(ref _canceledDatagrams);

    /// <summary>Sends a datagram of two parts in a row, either of which may be empty; copies them. False when it was dropped at once.</summary>
    public bool TrySendDatagram(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var length = header.Length + payload.Length;
        if (length > Math.Min(_maxDatagramSize, DatagramSlot.Capacity)) return Drop();
        Interlocked.Increment(ref _handedDatagrams);
        if (QueuedDatagrams > MaxQueuedDatagrams)
        {
            Interlocked.Decrement(ref _handedDatagrams);
            return Drop();
        }

        var slot = DatagramSlot.Rent();
        header.CopyTo(slot.Bytes);
        payload.CopyTo(slot.Bytes[header.Length..]);
        slot.SetLength(length);
        if (_handle.SendDatagrams([slot]) == 1) return true;
        slot.Return();
        Interlocked.Decrement(ref _handedDatagrams);
        return Drop();
    }

    /// <summary>Sends those of a batch, which is empty then. Returns how many were dropped at once.</summary>
    public int Send(QuicDatagramBatch batch)
    {
        var count = batch.Count;
        Interlocked.Add(ref _handedDatagrams, count);
        var room = (int)Math.Clamp(MaxQueuedDatagrams - (QueuedDatagrams - count), 0, count);
        batch.Fill(_maxDatagramSize);
        // One that is too large is refused as it is handed over, and those behind it are not.
        var (taken, next) = (0, 0);
        while (next < room)
        {
            var sent = _handle.SendDatagrams(batch.Slots[next..room]);
            taken += sent;
            next += sent;
            if (next < room) batch.Slots[next++].Return();
        }

        foreach (var slot in batch.Slots[next..]) slot.Return();
        batch.Clear();
        if (taken == count) return 0;
        Interlocked.Add(ref _handedDatagrams, taken - count);
        Interlocked.Add(ref _droppedDatagrams, count - taken);
        return count - taken;
    }

    /// <summary>
    /// libmsquic (2.7) reckons what the peer takes before it tells of a client's connection, and says so again only once a probe of the path has come
    /// through, if ever one does: until then it is <see cref="FirstMaxDatagramSize"/>.
    /// </summary>
    private void FindMaxDatagramSize()
    {
        if (_maxDatagramSize == 0 && Parameters.CanSendDatagrams(_handle)) _maxDatagramSize = FirstMaxDatagramSize;
    }

    void IConnectionEvents.OnDatagramState(int maxLength) => _maxDatagramSize = maxLength;

    void IConnectionEvents.OnDatagram(ReadOnlySpan<byte> datagram)
    {
        if (_datagramHandler is { } handler) handler(datagram);
        else Volatile.Write(ref _unhandledDatagrams, _unhandledDatagrams + 1);
    }

    void IConnectionEvents.OnDatagramSent(bool wasSent)
    {
        if (wasSent) Volatile.Write(ref _sentDatagrams, _sentDatagrams + 1);
        else Volatile.Write(ref _canceledDatagrams, _canceledDatagrams + 1);
    }

    private bool Drop()
    {
        Interlocked.Increment(ref _droppedDatagrams);
        return false;
    }
}
