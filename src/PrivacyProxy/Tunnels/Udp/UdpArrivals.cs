using System.Threading.Tasks.Sources;
using Masque;
using Masque.Udp;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>
/// Datagrams of a client that came beside its stream and wait to be sent to the target: bounded, and what comes beyond that is lost, as a
/// network would lose it. Those of unknown contexts are dropped as they come (RFC 9298, section 4). They gather in one run while those of
/// the one before are sent.
/// </summary>
internal sealed class UdpArrivals : IValueTaskSource<bool>
{
    private readonly Lock _lock = new();
    private UdpRun _gathering = new(), _sending = new();
    private ManualResetValueTaskSourceCore<bool> _waiter = new() { RunContinuationsAsynchronously = true };
    private bool _isWaiting, _isClosed;
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
            Close();
            return;
        }

        if (context != 0) return;
        lock (_lock)
        {
            if (_isClosed) return;
            if (!_gathering.TryAdd(datagram[length..])) _lost++;
            if (!_isWaiting) return;
            _isWaiting = false;
        }

        _waiter.SetResult(true);
    }

    /// <summary>No more are wanted.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (!_isWaiting) return;
            _isWaiting = false;
        }

        _waiter.SetResult(false);
    }

    /// <summary>False when no more come.</summary>
    public ValueTask<bool> WaitAsync()
    {
        lock (_lock)
        {
            if (_gathering.Count > 0 || _isClosed) return ValueTask.FromResult(_gathering.Count > 0);
            _waiter.Reset();
            _isWaiting = true;
            return new ValueTask<bool>(this, _waiter.Version);
        }
    }

    /// <summary>All that wait, to be cleared before the next call.</summary>
    public UdpRun Take()
    {
        lock (_lock)
        {
            (_gathering, _sending) = (_sending, _gathering);
            return _sending;
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _waiter.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);
}
