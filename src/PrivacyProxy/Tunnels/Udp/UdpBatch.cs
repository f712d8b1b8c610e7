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
        if (_count == 1 || !await TrySendSegmentsAsync()) await SendEachAsync();
        (_length, _count) = (0, 0);
    }

    /// <summary>Gives the buffer back while nothing flows.</summary>
    public void ReleaseBuffer()
    {
        if (_buffer is null) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    /// <summary>One that was shorter than the first is the last.</summary>
    private bool Fits(int length) =>
        _canSegment && _count < MaxSegments && length > 0 && length <= _size && _length == _count * _size && _length + length <= MaxBytes;

    /// <summary>False: one by one. An error may be about an earlier datagram, or about segments as such: then they are not tried again.</summary>
    private async ValueTask<bool> TrySendSegmentsAsync()
    {
        if (!TrySetSegment(_size)) return false;
        var error = await SendAsync(_buffer.AsMemory(0, _length));
        if (error == SocketError.Success) return true;
        _canSegment = UdpErrors.LosesOneDatagram(error);
        return false;
    }

    private async ValueTask SendEachAsync()
    {
        // A datagram over the kernel's size would be cut apart.
        if (_kernelSize > 0 && _size > _kernelSize) TrySetSegment(0);
        var sent = 0;
        do
        {
            var error = await SendAsync(_buffer.AsMemory(sent, Math.Min(_size, _length - sent)));
            // Lost as a network loses one.
            if (error != SocketError.Success && !UdpErrors.LosesOneDatagram(error)) throw new SocketException((int)error);
            sent += _size;
        }
        while (sent < _length);
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
