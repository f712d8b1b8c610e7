using System.Buffers;
using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Pumps;

/// <summary>
/// One direction of a pump: what was read and could not be passed on yet. That lies in a pooled buffer or, where much flows between two
/// plain sockets, in a pipe, through which it goes without being copied.
/// </summary>
internal struct Flow
{
    private const int FirstRead = 64 * 1024;
    private const int LeastRead = 16 * 1024;

    private readonly bool _maySplice;
    private byte[]? _held;
    private SplicePipe? _pipe;
    private int _start;
    private int _count;

    public Flow(Channel source, Channel sink)
    {
        _maySplice = source is SocketChannel && sink is SocketChannel;
        ReadSize = FirstRead;
    }

    /// <summary>How much to read at once: what the sink takes, as far as is known.</summary>
    public int ReadSize { get; private set; }

    /// <summary>Bytes held.</summary>
    public readonly int Count => _pipe is null ? _count : _pipe.Count;

    /// <summary>The source has ended in order.</summary>
    public bool HasEnded { get; set; }

    /// <summary>The sink was told so.</summary>
    public bool IsPassedOn { get; set; }

    public readonly bool IsDrained => HasEnded && Count == 0;

    public void Hold(ReadOnlySpan<byte> bytes)
    {
        _held = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(_held);
        (_start, _count) = (0, bytes.Length);
    }

    /// <summary>Gives the sink what it takes of what is held.</summary>
    public IoResult WriteHeld(Channel sink)
    {
        var result = _pipe is null ? sink.Write(_held.AsSpan(_start, _count)) : ((SocketChannel)sink).Write(_pipe);
        if (_pipe is null && result.Status == IoStatus.Done)
        {
            _start += result.Value;
            _count -= result.Value;
        }

        if (Count == 0) Release();
        return result;
    }

    /// <summary>Reads into a pipe instead of a buffer, where that pays. False: nothing was tried.</summary>
    public bool TrySplice(Channel source, out IoResult read)
    {
        read = default;
        if (!_maySplice || ReadSize < EventLoop.BufferSize) return false;
        _pipe = SplicePipe.Rent();
        if (_pipe is null) return false;
        read = ((SocketChannel)source).Read(_pipe);
        if (read.Status == IoStatus.Done)
        {
            // Little at a time: a buffer costs no more, and soon shows whether it is worth while again.
            if (read.Value < LeastRead) ReadSize = FirstRead;
            return true;
        }

        Release();
        return read.Status != IoStatus.WouldBlock || !SplicePipe.IsUnsupported;
    }

    /// <summary>Lets go of what is held.</summary>
    public void Release()
    {
        _pipe?.Return();
        _pipe = null;
        if (_held is null) return;
        ArrayPool<byte>.Shared.Return(_held);
        (_held, _start, _count) = (null, 0, 0);
    }

    /// <summary>Reads more at once while all of it can be passed on, and little for a sink that stalls: what it does not take is held.</summary>
    public void Adapt(int read, int sent)
    {
        if (sent < read) ReadSize = Math.Clamp((sent + LeastRead - 1) / LeastRead * LeastRead, LeastRead, EventLoop.BufferSize / 2);
        else if (read == ReadSize) ReadSize = Math.Min(ReadSize * 2, EventLoop.BufferSize);
    }
}
