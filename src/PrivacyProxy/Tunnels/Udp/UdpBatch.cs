using System.Buffers;
using System.Net.Sockets;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>
/// Datagrams on their way to a target, sent with one system call where the kernel cuts them apart again (UDP_SEGMENT):
/// all of one size, only the last may be shorter. Holds a buffer only between the first of them and the flush.
/// </summary>
internal sealed class UdpBatch(Socket target)
{
    private const int UdpLevel = 17; // SOL_UDP
    private const int UdpSegment = 103; // UDP_SEGMENT

    private const int MaxSegments = 64; // UDP_MAX_SEGMENTS of older kernels
    private const int MaxBytes = 65_507; // the largest payload over IPv4

    private byte[]? _buffer;
    private int _length;
    private int _size;
    private int _count;
    private int _kernelSize;
    private bool _canSegment = OperatingSystem.IsLinux();

    /// <summary>Whether the kernel can cut a datagram apart from those it lies behind: all of one size, only the last may be shorter.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="size">Those of the first.</param>
    /// <param name="count">How many it lies behind.</param>
    /// <param name="total">Bytes of those.</param>
    public static bool CanFollow(int length, int size, int count, int total) =>
        count < MaxSegments && length > 0 && length <= size && total == count * size && total + length <= MaxBytes;

    /// <summary>Takes a copy; false when it must be flushed first.</summary>
    public bool TryAdd(ReadOnlySequence<byte> payload)
    {
        var length = (int)payload.Length;
        if (_count > 0 && !Fits(length)) return false;
        _buffer ??= ArrayPool<byte>.Shared.Rent(UdpDatagram.MaxPayloadLength);
        payload.CopyTo(_buffer.AsSpan(_length));
        if (_count++ == 0) _size = length;
        _length += length;
        return true;
    }

    /// <summary>Sends what there is; a full send buffer is waited for.</summary>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public async ValueTask FlushAsync()
    {
        if (_count == 0) return;
        await SendAsync(_buffer.AsMemory(0, _length), _size, _count);
        (_length, _count) = (0, 0);
    }

    /// <summary>Sends datagrams that lie one behind another, after those that were added; a full send buffer is waited for.</summary>
    /// <param name="bytes">One, or such as <see cref="CanFollow"/> each other.</param>
    /// <param name="size">Of each but the last, which may be shorter.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, int size, int count)
    {
        if (count == 1 || !_canSegment || !await TrySendSegmentsAsync(bytes, size)) await SendEachAsync(bytes, size);
    }

    /// <summary>Gives the buffer back while nothing flows.</summary>
    public void ReleaseBuffer()
    {
        if (_buffer is null) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    /// <summary>One that was shorter than the first is the last.</summary>
    private bool Fits(int length) => _canSegment && CanFollow(length, _size, _count, _length);

    /// <summary>False: one by one. An error may be about an earlier datagram, or about segments as such: then they are not tried again.</summary>
    private async ValueTask<bool> TrySendSegmentsAsync(ReadOnlyMemory<byte> bytes, int size)
    {
        if (!TrySetSegment(size)) return false;
        var error = await SendAsync(bytes);
        if (error == SocketError.Success) return true;
        _canSegment = UdpErrors.LosesOneDatagram(error);
        return false;
    }

    private async ValueTask SendEachAsync(ReadOnlyMemory<byte> bytes, int size)
    {
        // A datagram over the kernel's size would be cut apart.
        if (_kernelSize > 0 && size > _kernelSize) TrySetSegment(0);
        var sent = 0;
        do
        {
            var error = await SendAsync(bytes.Slice(sent, Math.Min(size, bytes.Length - sent)));
            // Lost as a network loses one.
            if (error != SocketError.Success && !UdpErrors.LosesOneDatagram(error)) throw new SocketException((int)error);
            sent += size;
        }
        while (sent < bytes.Length);
    }

    private async ValueTask<SocketError> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        target.Send(bytes.Span, SocketFlags.None, out var error);
        if (error != SocketError.WouldBlock) return error;
        try
        {
            await target.SendAsync(bytes, SocketFlags.None);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private bool TrySetSegment(int size)
    {
        if (_kernelSize == size) return true;
        try
        {
            target.SetRawSocketOption(UdpLevel, UdpSegment, BitConverter.GetBytes(size));
            _kernelSize = size;
            return true;
        }
        catch (SocketException)
        {
            _canSegment = false;
            return false;
        }
    }
}
