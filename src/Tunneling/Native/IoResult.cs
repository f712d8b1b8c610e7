namespace Tunneling.Native;

/// <summary>How a read or a write ended.</summary>
internal enum IoStatus
{
    /// <summary>Bytes were moved.</summary>
    Done,

    /// <summary>Nothing can be moved now; the loop tells when that has changed.</summary>
    WouldBlock,

    /// <summary>The peer has ended its direction in order: a FIN, or close_notify.</summary>
    End,

    /// <summary>The connection is broken.</summary>
    Failed,
}

/// <summary>The result of one read or write, which may have moved less than was asked.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Value">With <see cref="IoStatus.Done"/> the bytes, at least one; with <see cref="IoStatus.Failed"/> the error number; else 0.</param>
internal readonly record struct IoResult(IoStatus Status, int Value)
{
    public static IoResult WouldBlock => new(IoStatus.WouldBlock, 0);

    public static IoResult End => new(IoStatus.End, 0);

    public static IoResult Done(int count) => new(IoStatus.Done, count);

    public static IoResult Failed(int error) => new(IoStatus.Failed, error);
}
