using System.Buffers;
using System.Threading.Channels;
using Masque;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>
/// Datagrams of a client that came beside its stream and wait to be sent to the target: bounded, and what comes beyond that is lost, as a
/// network would lose it. Those of unknown contexts are dropped as they come (RFC 9298, section 4).
/// </summary>
internal sealed class UdpArrivals
{
    private const int MaxWaiting = 1024;
    private const int MaxWaitingBytes = 1024 * 1024;

    private readonly Channel<ArraySegment<byte>> _waiting = Channel.CreateUnbounded<ArraySegment<byte>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private int _count, _bytes;
    private long _lost;
    private volatile bool _isMalformed;

    /// <summary>Lost for want of room.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Whether the client has sent what no client may.</summary>
    public bool IsMalformed => _isMalformed;

    /// <summary>Takes one from the transport.</summary>
    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (!VarInt.TryRead(datagram, out var context, out var length) || (context == 0 && datagram.Length - length > UdpDatagram.MaxPayloadLength))
        {
            _isMalformed = true;
            _waiting.Writer.TryComplete();
            return;
        }

        if (context != 0) return;
        var payload = datagram[length..];
        if (Volatile.Read(ref _count) >= MaxWaiting || Volatile.Read(ref _bytes) + payload.Length > MaxWaitingBytes)
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent(Math.Max(payload.Length, 1));
        payload.CopyTo(copy);
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, payload.Length);
        if (!_waiting.Writer.TryWrite(new ArraySegment<byte>(copy, 0, payload.Length))) Return(copy, payload.Length);
    }

    /// <summary>No more are wanted.</summary>
    public void Close() => _waiting.Writer.TryComplete();

    /// <summary>False when no more come.</summary>
    public ValueTask<bool> WaitAsync() => _waiting.Reader.WaitToReadAsync();

    /// <summary>The next, until it is returned; false when none waits.</summary>
    public bool TryTake(out ArraySegment<byte> payload) => _waiting.Reader.TryRead(out payload);

    public void Return(ArraySegment<byte> payload) => Return(payload.Array!, payload.Count);

    private void Return(byte[] array, int length)
    {
        ArrayPool<byte>.Shared.Return(array);
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -length);
    }
}
