using Tunneling.Http2.Requests;
using Tunneling.Loops;

namespace Tunneling.Http2.Serving;

/// <summary>
/// What the sessions of one thread share: the buffer they read into, and where each piece of DATA stands in it. One session at a time takes in,
/// and whatever of it was not read by then its stream copies: so the buffer is free again for the next.
/// </summary>
internal sealed class Http2Input
{
    [ThreadStatic]
    private static Http2Input? t_current;

    private Piece[] _pieces = new Piece[64];
    private int _pieceCount;
    private RequestHead? _head;
    private int _headSize;

    private Http2Input()
    {
    }

    /// <summary>This thread's.</summary>
    public static Http2Input Current => t_current ??= new Http2Input();

    /// <summary>Room for one read.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(EventLoop.BufferSize, pinned: true);

    /// <summary>The streams that have got DATA out of this read.</summary>
    public List<Http2StreamChannel> Fed { get; } = [];

    /// <summary>Where requests are read into.</summary>
    public RequestHead Head(int maxListSize)
    {
        if (_head is null || _headSize != maxListSize) (_head, _headSize) = (new RequestHead(maxListSize), maxListSize);
        return _head;
    }

    /// <summary>Notes a piece of DATA; returns its number.</summary>
    public int Add(int start, int length)
    {
        if (_pieceCount == _pieces.Length) Array.Resize(ref _pieces, _pieceCount * 2);
        _pieces[_pieceCount] = new Piece { Start = start, Length = length, Next = -1 };
        return _pieceCount++;
    }

    public ref Piece At(int number) => ref _pieces[number];

    /// <summary>Forgets all pieces.</summary>
    public void Clear()
    {
        Fed.Clear();
        _pieceCount = 0;
    }

    /// <summary>A piece of DATA in the buffer, and the next one of its stream; -1 when there is none.</summary>
    internal struct Piece
    {
        public int Start;
        public int Length;
        public int Next;
    }
}
