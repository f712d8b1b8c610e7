using System.Buffers;
using System.Net.Sockets;
using Tunneling.Loops;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>
/// Which of a name's addresses answers: that a UDP socket connects says nothing. The next address is tried at once when one refuses, and
/// after 300 ms of silence (the idea of RFC 8305), until the first datagram has come back; the others are still listened to, as for a
/// handshake that takes longer. What was sent until then is kept and sent again, so that nothing is lost with an address that is left.
/// </summary>
internal sealed class UdpRace : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    // Far more than a client sends before its first answer; of a stream that nobody answers the oldest are forgotten.
    private const int MostKeptBytes = 128 * 1024;
    private const int MostKept = 256;

    private readonly Lock _gate = new();
    private readonly Func<Socket?>? _next;
    private readonly TimeProvider _time;
    private readonly EventLoop? _loop;
    private readonly List<Runner> _runners = [];
    private readonly List<byte[]> _kept = [];
    private readonly TaskCompletionSource<UdpTarget> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _forgotten;
    private int _keptBytes;
    private Runner? _current;
    private ITimer? _patience;
    private volatile UdpTarget? _winner;
    private bool _isClosed;

    /// <param name="first">The socket to the address preferred; disposed here, as are all others.</param>
    /// <param name="next">Gives a socket to another address, null when there is none left; itself null where there never was.</param>
    /// <param name="time">The clock of the patience.</param>
    /// <param name="loop">That the tunnel runs on; null on the pool.</param>
    public UdpRace(Socket first, Func<Socket?>? next, TimeProvider time, EventLoop? loop = null)
    {
        (_next, _time, _loop) = (next, time, loop);
        if (next is null)
        {
            _winner = new UdpTarget(first, loop);
            _settled.SetResult(_winner);
            return;
        }

        lock (_gate) _current = Enter(first);
    }

    /// <summary>The socket to the address that answered; null while none has.</summary>
    public UdpTarget? Winner => _winner;

    /// <summary>The winner as soon as it is known; throws <see cref="ObjectDisposedException"/> when the race is closed before.</summary>
    public Task<UdpTarget> SettledAsync() => _settled.Task;

    /// <summary>Sends to the address that is being tried; false when there is a winner, to send to instead. One caller at a time.</summary>
    public bool TrySend(ReadOnlySequence<byte> payload)
    {
        if (_winner is not null) return false;
        lock (_gate)
        {
            if (_winner is not null) return false;
            if (_isClosed) return true;
            Keep(payload.ToArray());
            Send(_current!);
            return true;
        }
    }

    /// <summary>Closes every socket.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            _patience?.Dispose();
            _winner?.Dispose();
            foreach (var runner in _runners) runner.Target.Dispose();
            _kept.Clear();
            _settled.TrySetException(new ObjectDisposedException(nameof(UdpRace)));
        }

        // Where nobody waits for a winner any more, that there is none is no news.
        _ = _settled.Task.Exception;
    }

    private long End => _forgotten + _kept.Count;

    private Runner Enter(Socket socket)
    {
        var runner = new Runner(new UdpTarget(socket, _loop));
        _runners.Add(runner);
        if (_loop is null) _ = Task.Run(() => ListenAsync(runner));
        else _loop.Post(_ => _ = ListenAsync(runner), null);
        return runner;
    }

    private void Keep(byte[] datagram)
    {
        _kept.Add(datagram);
        _keptBytes += datagram.Length;
        while (_kept.Count > MostKept || (_keptBytes > MostKeptBytes && _kept.Count > 1)) ForgetFirst(1);
    }

    private void ForgetFirst(int count)
    {
        for (var i = 0; i < count; i++) _keptBytes -= _kept[i].Length;
        _kept.RemoveRange(0, count);
        _forgotten += count;
    }

    /// <summary>Sends what the address has not been sent yet, and goes on to another when it refuses.</summary>
    private void Send(Runner runner)
    {
        runner.IsRefused = false;
        if (!TrySendKept(runner)) Refused(runner);
        else if (!runner.IsTimed && runner.Sent > 0) StartPatience(runner);
    }

    private bool TrySendKept(Runner runner)
    {
        for (runner.Sent = Math.Max(runner.Sent, _forgotten); runner.Sent < End; runner.Sent++)
        {
            // The buffer of a fresh socket has room for all that is kept.
            runner.Target.Socket.Send(_kept[(int)(runner.Sent - _forgotten)], SocketFlags.None, out var error);
            if (UdpErrors.Refuses(error)) return false;
        }

        return true;
    }

    private void StartPatience(Runner runner)
    {
        runner.IsTimed = true;
        _patience?.Dispose();
        _patience = _time.CreateTimer(_ => Silent(runner), null, Patience, Timeout.InfiniteTimeSpan);
    }

    private void Silent(Runner runner)
    {
        lock (_gate)
        {
            if (_winner is not null || _isClosed || runner != _current || runner.IsRefused) return;
            // Where all are silent the one preferred is, as for those who never answer, the best guess.
            _current = EnterNext() ?? _runners.Find(static each => !each.IsRefused) ?? runner;
            Send(_current);
        }
    }

    private void Refused(Runner runner)
    {
        runner.IsRefused = true;
        runner.Sent = End;
        if (runner != _current) return;
        if ((EnterNext() ?? After(runner)) is { } next)
        {
            _current = next;
            Send(next);
        }
        else
        {
            // Refused by all of them; what comes next is tried with each again.
            ForgetFirst(_kept.Count);
        }
    }

    private Runner? EnterNext() => _next!() is { } socket ? Enter(socket) : null;

    /// <summary>The next in turn that has not been sent everything, else one that has and is silent.</summary>
    private Runner? After(Runner runner)
    {
        var at = _runners.IndexOf(runner);
        var others = _runners.Skip(at + 1).Concat(_runners.Take(at)).ToArray();
        return Array.Find(others, each => each.Sent < End) ?? Array.Find(others, static each => !each.IsRefused);
    }

    private async Task ListenAsync(Runner runner)
    {
        var one = new byte[1];
        try
        {
            while (_winner is null)
            {
                try
                {
                    await runner.Target.WaitAsync();
                }
                catch (SocketException e) when (UdpErrors.LosesOneDatagram(e.SocketErrorCode))
                {
                    if (UdpErrors.Refuses(e.SocketErrorCode)) Hear(runner);
                }

                // Peeked once more: a datagram with a wrong checksum wakes us too, and is none.
                runner.Target.Socket.Receive(one, SocketFlags.Peek, out var error);
                if (error is SocketError.Success or SocketError.MessageSize) Settle(runner);
                else if (UdpErrors.Refuses(error)) Hear(runner);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed, or broken beyond an answer.
        }
    }

    private void Hear(Runner runner)
    {
        lock (_gate)
            if (_winner is null && !_isClosed) Refused(runner);
    }

    private void Settle(Runner runner)
    {
        lock (_gate)
        {
            if (_winner is not null || _isClosed) return;
            TrySendKept(runner);
            _patience?.Dispose();
            foreach (var other in _runners)
                if (other != runner) other.Target.Dispose();
            _runners.Clear();
            _kept.Clear();
            _winner = runner.Target;
            _settled.SetResult(runner.Target);
        }
    }

    /// <summary>One address.</summary>
    private sealed class Runner(UdpTarget target)
    {
        public UdpTarget Target { get; } = target;

        /// <summary>How many of all datagrams it has been sent, or need not be sent.</summary>
        public long Sent { get; set; }

        public bool IsRefused { get; set; }

        public bool IsTimed { get; set; }
    }
}
