using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Pumps;

/// <summary>Why a pump has stopped.</summary>
internal enum PumpEnding
{
    /// <summary>Both sides ended in order.</summary>
    Finished,

    /// <summary>The client's connection broke.</summary>
    ClientFailed,

    /// <summary>The origin's connection broke.</summary>
    OriginFailed,

    /// <summary><see cref="TunnelPump.Stop"/> was called.</summary>
    Stopped,
}

/// <summary>Told on the loop's thread what a pump does.</summary>
internal interface IPumpObserver
{
    /// <summary>Bytes of the client are on their way to the origin.</summary>
    void OnUpload(int bytes);

    /// <summary>Bytes of the origin are on their way to the client.</summary>
    void OnDownload(int bytes);

    /// <summary>One side has ended in order; the other may go on.</summary>
    void OnHalfClosed();

    /// <summary>Both channels are closed; called once.</summary>
    void OnEnded(PumpEnding ending);
}

/// <summary>
/// Moves bytes both ways between two channels of one loop. What is read goes out of the loop's own buffer; only what the other side has no
/// room for is copied into a pooled one, and until that is gone its side is not read: an idle tunnel holds no buffer, a stalled one at most
/// one each way. Half-closes are passed on after the last byte, a broken connection breaks the other.
/// </summary>
internal sealed class TunnelPump : IChannelHandler
{
    /// <summary>Bytes one direction may move before others on the loop have their turn.</summary>
    private const int Budget = 512 * 1024;

    private readonly Channel _client;
    private readonly Channel _origin;
    private readonly IPumpObserver _observer;
    private Flow _up;
    private Flow _down;
    private bool _isPosted;
    private bool _hasEnded;

    /// <summary>Takes both channels over; <see cref="Start"/> comes next.</summary>
    public TunnelPump(Channel client, Channel origin, IPumpObserver observer)
    {
        (_client, _origin, _observer) = (client, origin, observer);
        _up = new Flow(client, origin);
        _down = new Flow(origin, client);
    }

    /// <summary>Bytes held because one side has no room; for tests.</summary>
    public int Held => _up.Count + _down.Count;

    /// <summary>Begins, with bytes of the client that were read already.</summary>
    public void Start(ReadOnlySpan<byte> early)
    {
        _client.Handler = this;
        _origin.Handler = this;
        if (!early.IsEmpty) _up.Hold(early);
        Run();
    }

    /// <summary>Ends both directions at once. The origin gets a RST, the client too if <paramref name="breaksClient"/>.</summary>
    public void Stop(bool breaksClient)
    {
        if (_hasEnded) return;
        if (!breaksClient) _client.Close();
        End(PumpEnding.Stopped);
    }

    void IChannelHandler.OnReady(Channel channel) => Run();

    private void Run()
    {
        if (_hasEnded || !Advance(ref _up, _client, _origin, isUp: true) || !Advance(ref _down, _origin, _client, isUp: false)) return;
        // Closing says what a shutdown would; and a shutdown of one side whose other has ended is left to it.
        if (_up.IsDrained && _down.IsDrained) End(PumpEnding.Finished);
    }

    /// <summary>Moves what can be moved one way. False: the pump has ended.</summary>
    private bool Advance(ref Flow flow, Channel source, Channel sink, bool isUp)
    {
        for (var moved = 0; ;)
        {
            if (flow.Count > 0)
            {
                // Nobody reads a side that must wait: only the loop can tell that it is gone.
                if (!sink.CanWrite) return !source.IsBroken || End(isUp);
                var written = flow.WriteHeld(sink);
                if (written.Status == IoStatus.Failed) return End(!isUp);
                if (written.Status == IoStatus.Done) Tell(isUp, written.Value);
                continue;
            }

            if (flow.HasEnded) return PassEndOn(ref flow, source, sink, isUp);
            if (!sink.CanWrite) return !source.IsBroken || End(isUp);
            if (!source.CanRead) return true;
            if (moved >= Budget)
            {
                Continue();
                return true;
            }

            var buffer = source.Loop.Buffer.AsSpan(0, flow.ReadSize);
            var isSpliced = flow.TrySplice(source, out var read);
            if (!isSpliced) read = source.Read(buffer);
            switch (read.Status)
            {
                case IoStatus.WouldBlock:
                    return true;
                case IoStatus.Failed:
                    return End(isUp);
                case IoStatus.End:
                    flow.HasEnded = true;
                    _observer.OnHalfClosed();
                    continue;
            }

            moved += read.Value;
            if (isSpliced) continue;
            var sent = sink.Write(buffer[..read.Value]);
            if (sent.Status == IoStatus.Failed) return End(!isUp);
            if (sent.Value > 0) Tell(isUp, sent.Value);
            flow.Adapt(read.Value, sent.Value);
            if (sent.Value < read.Value) flow.Hold(buffer[sent.Value..read.Value]);
        }
    }

    /// <summary>Shuts the sink down once nothing is on its way to it, unless the other direction has ended too: then closing does it.</summary>
    private bool PassEndOn(ref Flow flow, Channel source, Channel sink, bool isUp)
    {
        if (flow.IsPassedOn) return !source.IsBroken || End(isUp);
        ref var other = ref isUp ? ref _down : ref _up;
        if (other.IsDrained || !sink.CanWrite) return true;
        var shut = sink.ShutdownWrite();
        flow.IsPassedOn = shut.Status == IoStatus.End;
        return shut.Status != IoStatus.Failed || End(!isUp);
    }

    private void Tell(bool isUp, int bytes)
    {
        if (isUp) _observer.OnUpload(bytes);
        else _observer.OnDownload(bytes);
    }

    /// <summary>Goes on in the next turn.</summary>
    private void Continue()
    {
        if (_isPosted) return;
        _isPosted = true;
        _client.Loop.PostNext(static state => ((TunnelPump)state!).RunAgain(), this);
    }

    private void RunAgain()
    {
        _isPosted = false;
        Run();
    }

    private bool End(bool clientFailed)
    {
        End(clientFailed ? PumpEnding.ClientFailed : PumpEnding.OriginFailed);
        return false;
    }

    private void End(PumpEnding ending)
    {
        _hasEnded = true;
        _up.Release();
        _down.Release();
        if (ending == PumpEnding.Finished)
        {
            _client.Close();
            _origin.Close();
        }
        else
        {
            _client.Abort();
            _origin.Abort();
        }

        _observer.OnEnded(ending);
    }
}
