using MsQuic.Native;

namespace MsQuic;

/// <summary>Takes a datagram, on a thread of libmsquic's: it has to be quick, and what it wants to keep it copies.</summary>
public delegate void QuicDatagramHandler(ReadOnlySpan<byte> datagram);

/// <content>Datagrams (RFC 9221): each arrives once or never, in any order.</content>
public sealed partial class QuicConnection
{
    /// <summary>Datagrams not yet in a packet, at most: what comes faster than the path takes it is dropped.</summary>
    public const int MaxQueuedDatagrams = 512;

    private volatile int _maxDatagramSize;
    private volatile QuicDatagramHandler? _datagramHandler;
    private int _queuedDatagrams;
    private long _sentDatagrams, _droppedDatagrams, _unhandledDatagrams;

    /// <summary>The largest payload that can be sent now; 0 when the peer takes none. It changes with the path.</summary>
    public int MaxDatagramSize => _maxDatagramSize;

    /// <summary>Takes what arrives; without one it is dropped.</summary>
    public QuicDatagramHandler? DatagramHandler
    {
        get => _datagramHandler;
        set => _datagramHandler = value;
    }

    /// <summary>Datagrams that were put into packets.</summary>
    public long SentDatagrams => Interlocked.Read(ref _sentDatagrams);

    /// <summary>Datagrams to be sent that were dropped: too large for the path, too many, or the connection had ended.</summary>
    public long DroppedDatagrams => Interlocked.Read(ref _droppedDatagrams);

    /// <summary>Datagrams that arrived when there was no handler.</summary>
    public long UnhandledDatagrams => Interlocked.Read(ref _unhandledDatagrams);

    /// <summary>Sends a datagram of two parts in a row, either of which may be empty; copies them. False when it was dropped at once.</summary>
    public bool TrySendDatagram(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var length = header.Length + payload.Length;
        if (length > Math.Min(_maxDatagramSize, DatagramSlot.Capacity)) return Drop();
        if (Interlocked.Increment(ref _queuedDatagrams) > MaxQueuedDatagrams)
        {
            Interlocked.Decrement(ref _queuedDatagrams);
            return Drop();
        }

        var slot = DatagramSlot.Rent();
        header.CopyTo(slot.Bytes);
        payload.CopyTo(slot.Bytes[header.Length..]);
        slot.SetLength(length);
        if (_handle.SendDatagrams([slot]) == 1) return true;
        slot.Return();
        Interlocked.Decrement(ref _queuedDatagrams);
        return Drop();
    }

    /// <summary>Sends those of a batch, which is empty then. Returns how many were dropped at once.</summary>
    public int Send(QuicDatagramBatch batch)
    {
        var count = batch.Count;
        var waited = Interlocked.Add(ref _queuedDatagrams, count) - count;
        var room = Math.Clamp(MaxQueuedDatagrams - waited, 0, count);
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
        Interlocked.Add(ref _queuedDatagrams, taken - count);
        Interlocked.Add(ref _droppedDatagrams, count - taken);
        return count - taken;
    }

    void IConnectionEvents.OnDatagramState(int maxLength) => _maxDatagramSize = maxLength;

    void IConnectionEvents.OnDatagram(ReadOnlySpan<byte> datagram)
    {
        if (_datagramHandler is { } handler) handler(datagram);
        else Interlocked.Increment(ref _unhandledDatagrams);
    }

    void IConnectionEvents.OnDatagramSent(bool wasSent)
    {
        Interlocked.Decrement(ref _queuedDatagrams);
        Interlocked.Increment(ref wasSent ? ref _sentDatagrams : ref _droppedDatagrams);
    }

    private bool Drop()
    {
        Interlocked.Increment(ref _droppedDatagrams);
        return false;
    }
}
