using System.Buffers;

namespace Masque;

/// <summary>
/// Takes a stream of capsules apart as it arrives (RFC 9297, section 3.2): a header, then its value in pieces. Keeps no bytes.
/// </summary>
public struct CapsuleReader
{
    /// <summary>The type of the capsule being read.</summary>
    public ulong Type { get; private set; }

    /// <summary>Bytes of its value not taken yet.</summary>
    public ulong Remaining { get; private set; }

    /// <summary>Whether a header was read whose value has not been taken to its end. A stream that ends then, or within a header, is malformed.</summary>
    public bool IsInCapsule { get; private set; }

    /// <summary>Reads the next header off the front; false, and nothing taken, when it has not arrived whole.</summary>
    /// <exception cref="InvalidOperationException">A capsule has not been taken to its end.</exception>
    public bool TryReadHeader(ref ReadOnlySequence<byte> buffer)
    {
        if (IsInCapsule) throw new InvalidOperationException("The capsule before has not ended.");
        var rest = buffer;
        if (!VarInt.TryRead(ref rest, out var type) || !VarInt.TryRead(ref rest, out var length)) return false;
        (Type, Remaining, IsInCapsule) = (type, length, true);
        buffer = rest;
        return true;
    }

    /// <summary>Takes what has arrived of the value, without a copy; possibly nothing.</summary>
    public ReadOnlySequence<byte> TakeValue(ref ReadOnlySequence<byte> buffer)
    {
        if (!IsInCapsule) return ReadOnlySequence<byte>.Empty;
        var value = buffer.Slice(0, (long)Math.Min((ulong)buffer.Length, Remaining));
        buffer = buffer.Slice(value.End);
        Remaining -= (ulong)value.Length;
        IsInCapsule = Remaining > 0;
        return value;
    }

    /// <summary>Takes the value once it has arrived whole, without a copy. The caller has made sure that <see cref="Remaining"/> is bounded.</summary>
    public bool TryTakeWholeValue(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> value)
    {
        value = default;
        if (!IsInCapsule || (ulong)buffer.Length < Remaining) return false;
        value = TakeValue(ref buffer);
        return true;
    }
}
