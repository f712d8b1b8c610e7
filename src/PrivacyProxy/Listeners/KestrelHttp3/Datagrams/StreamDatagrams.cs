using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

/// <summary>The HTTP Datagrams of one request stream: held back, within a bound, until it is known whether the request has any.</summary>
internal sealed class StreamDatagrams(HttpDatagrams all, long id, QuicServerStream stream) : DatagramFlow
{
    private const int MaxHeld = 32;

    private readonly Lock _lock = new();
    private Queue<byte[]>? _held;
    private volatile DatagramReceiver? _receiver;
    private bool _isRefused;

    public override bool CanSend => all.CanSend;

    public override int MaxBatch => HttpDatagrams.MaxBatch;

    public override Span<byte> GetSpan(int ahead) => all.GetSpan(id, ahead);

    public override bool TryAdd(int length) => all.TryAdd(id, length);

    public override void Skip(bool isLost) => all.Skip(isLost);

    public override void Flush() => all.Flush();

    public override void Open(DatagramReceiver receiver)
    {
        lock (_lock)
        {
            while (_held is { Count: > 0 } held) receiver(held.Dequeue());
            _held = null;
            _receiver = receiver;
        }
    }

    public override void Refuse()
    {
        bool isBroken;
        lock (_lock)
        {
            _isRefused = true;
            isBroken = _held is { Count: > 0 };
            _held = null;
        }

        if (isBroken) Break();
    }

    public void Receive(ReadOnlySpan<byte> datagram)
    {
        // Set once those held have been handed over.
        if (_receiver is { } receiver) receiver(datagram);
        else if (!TryHold(datagram)) Break();
    }

    public void Remove()
    {
        all.Remove(id);
        lock (_lock) (_held, _isRefused, _receiver) = (null, false, static _ => { });
    }

    /// <summary>False for a request without a meaning for them.</summary>
    private bool TryHold(ReadOnlySpan<byte> datagram)
    {
        lock (_lock)
        {
            if (_receiver is { } receiver)
            {
                receiver(datagram);
                return true;
            }

            if (_isRefused) return false;
            _held ??= new Queue<byte[]>();
            if (_held.Count < MaxHeld) _held.Enqueue(datagram.ToArray());
            else all.Counters.Drop(DatagramDrop.QueueFull);
            return true;
        }
    }

    /// <summary>For a request without a meaning for them the stream is aborted (RFC 9297, section 2.1).</summary>
    private void Break() => ThreadPool.UnsafeQueueUserWorkItem(static stream => stream.Abort(HttpDatagrams.DatagramError), stream, preferLocal: false);
}
