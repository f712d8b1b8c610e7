using System.Buffers;

namespace PrivacyProxy.Listeners.KestrelHttp3.Frames;

/// <summary>A piece of the payload of a DATA frame, where it lies in what was read. Used again for the next ones.</summary>
internal sealed class FrameSegment : ReadOnlySequenceSegment<byte>
{
    /// <summary>Where it begins in what was read.</summary>
    public SequencePosition Source { get; private set; }

    /// <summary>What its frame had left there.</summary>
    public ulong Left { get; private set; }

    public int Length => Memory.Length;

    public void Show(ReadOnlyMemory<byte> bytes, SequencePosition source, ulong left, FrameSegment? previous)
    {
        (Memory, Source, Left, Next) = (bytes, source, left, null);
        RunningIndex = previous is null ? 0 : previous.RunningIndex + previous.Length;
        if (previous is not null) previous.Next = this;
    }
}
