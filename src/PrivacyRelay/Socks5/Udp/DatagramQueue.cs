using System.Buffers;
using System.Threading.Channels;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5.Udp;

/// <summary>Payloads that wait for a tunnel to open, or to take more. Bounded: the oldest go first, as the newest are worth most to whoever sends again.</summary>
internal sealed class DatagramQueue(int maxCount, int maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<(byte[] Buffer, int Length)> _waiting = [];
    private readonly Channel<bool> _some = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _bytes;
    private bool _isClosed;
    private long _dropped;

    /// <summary>How many went for want of room, or with the queue.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Keeps a copy; one that is longer than all may be is kept alone.</summary>
    public void Enqueue(ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                Lose(DatagramDrop.Refused);
                return;
            }

            while (_waiting.Count >= maxCount || (_waiting.Count > 0 && _bytes + payload.Length > maxBytes))
            {
                Lose(DatagramDrop.QueueFull);
                Drop();
            }

            var buffer = ArrayPool<byte>.Shared.Rent(payload.Length);
            payload.CopyTo(buffer);
            _waiting.Enqueue((buffer, payload.Length));
            _bytes += payload.Length;
            _some.Writer.TryWrite(true);
        }
    }

    /// <summary>Until there may be something.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _some.Reader.ReadAsync(cancellationToken);

    /// <summary>Puts all that waits into the tunnel's next write, oldest first.</summary>
    public void MoveTo(IDatagramTunnel tunnel)
    {
        lock (_lock)
        {
            while (_waiting.TryPeek(out var oldest))
            {
                tunnel.Write(oldest.Buffer.AsSpan(0, oldest.Length));
                Drop();
            }
        }
    }

    /// <summary>Drops what waits and all that comes.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_waiting.Count > 0)
            {
                Lose(DatagramDrop.Refused);
                Drop();
            }
        }
    }

    private void Lose(DatagramDrop reason)
    {
        _dropped++;
        DroppedDatagrams.Add(reason);
    }

    private void Drop()
    {
        var (buffer, length) = _waiting.Dequeue();
        _bytes -= length;
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
