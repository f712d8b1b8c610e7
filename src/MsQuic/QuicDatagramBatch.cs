using MsQuic.Native;

namespace MsQuic;

/// <summary>
/// Datagrams that are filled where libmsquic sends them from, and handed over in a row: its thread is woken once, and finds them all.
/// For one thread at a time; used again once it was sent.
/// </summary>
/// <remarks>
/// libmsquic (2.7) sends packets with one system call as long as each is full but for 64 bytes; one with more room, which the next datagram
/// does not fit into, it sends alone. So with a <see cref="SetFiller">filler</see> such room is taken by a datagram that the peer drops.
/// It would be padded otherwise, and the last of a batch is sent as it is.
/// </remarks>
public sealed class QuicDatagramBatch
{
    /// <summary>Datagrams, at most.</summary>
    public const int MaxCount = 64;

    /// <summary>Room for one; no path takes as much.</summary>
    public const int MaxLength = DatagramSlot.Capacity;

    /// <summary>Room that makes a packet one that is sent alone: 64 bytes, with the tag of its encryption and a number of one byte instead of four.</summary>
    private const int SpareRoom = 64 - 16 - 3;

    /// <summary>What acknowledgements may want of a packet.</summary>
    private const int RoomForOthers = 32;

    /// <summary>Type and length of a DATAGRAM frame.</summary>
    private const int FrameHeaderLength = 3;

    private readonly DatagramSlot[] _slots = new DatagramSlot[MaxCount];
    private readonly byte[] _filler = new byte[MaxFillerStart];
    private int _fillerLength;
    private int _rented;

    /// <summary>What a filler begins with, at most.</summary>
    public const int MaxFillerStart = 16;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    internal ReadOnlySpan<DatagramSlot> Slots => _slots.AsSpan(0, Count);

    /// <summary>Sets how a datagram begins that the peer drops; empty for none.</summary>
    public void SetFiller(ReadOnlySpan<byte> start)
    {
        start.CopyTo(_filler);
        _fillerLength = start.Length;
    }

    /// <summary>
    /// Room for the next one, or for one that comes so many later, <see cref="MaxLength"/> bytes of memory that does not move; the same again until
    /// <see cref="Add"/> or <see cref="Skip"/>.
    /// </summary>
    /// <param name="ahead">How many later.</param>
    /// <exception cref="InvalidOperationException">It is full.</exception>
    public Span<byte> GetSpan(int ahead = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ahead);
        if (Count + ahead >= MaxCount) throw new InvalidOperationException("The batch is full.");
        while (_rented <= Count + ahead) _slots[_rented++] = DatagramSlot.Rent();
        return _slots[Count + ahead].Bytes;
    }

    /// <summary>What is in the next room is not sent: the one after it is the next.</summary>
    public void Skip()
    {
        if (_rented == Count) throw new InvalidOperationException("Nothing was filled.");
        var skipped = _slots[Count];
        _slots.AsSpan(Count + 1, _rented - Count - 1).CopyTo(_slots.AsSpan(Count));
        _slots[_rented - 1] = skipped;
    }

    /// <summary>The next one is the first <paramref name="length"/> bytes of its room.</summary>
    public void Add(int length)
    {
        if (_rented == Count) throw new InvalidOperationException("Nothing was filled.");
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        _slots[Count++].SetLength(length);
    }

    /// <summary>Has fillers follow those that leave room in their packets.</summary>
    /// <param name="max">The largest datagram that a packet takes now.</param>
    internal void Fill(int max)
    {
        if (_fillerLength == 0) return;
        var left = max + FrameHeaderLength;
        for (var i = 0; i < Count - 1; i++)
        {
            left -= FrameHeaderLength + _slots[i].Length;
            if (left >= FrameHeaderLength + _slots[i + 1].Length) continue;
            var length = Math.Min(left - FrameHeaderLength - RoomForOthers, MaxLength - _slots[i].Length);
            if (left >= SpareRoom && length >= _fillerLength) _slots[i].SetFiller(_filler.AsSpan(0, _fillerLength), length);
            left = max + FrameHeaderLength;
        }
    }

    /// <summary>They were handed over; the room of those that were not added stays.</summary>
    internal void Clear()
    {
        _slots.AsSpan(Count, _rented - Count).CopyTo(_slots);
        _rented -= Count;
        Count = 0;
    }
}
