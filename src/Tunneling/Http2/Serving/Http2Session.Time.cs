using Tunneling.Http2.Frames;
using Tunneling.Loops;

namespace Tunneling.Http2.Serving;

/// <summary>What a session waits for, and no longer than allowed. One timer, which runs only while something is waited for.</summary>
internal sealed partial class Http2Session
{
    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(1);

    private readonly Http2Timeouts _timeouts;
    private readonly LoopTimer _timer;
    private long _lastStreamAt;
    private long _frameSince;
    private long _blockedSince;
    private long _drainSince;
    private long _closingSince;
    private bool _isClientGone;

    private bool IsWaiting =>
        _firstOpen is null || !Connection.IsAuthenticated || Connection.IsWithinFrame || _blockedSince != 0 || _drainSince != 0 || _closingSince != 0;

    /// <summary>Starts the timer if there is anything to wait for.</summary>
    private void KeepTime()
    {
        if (_isClosed) return;
        if (!Connection.IsWithinFrame) _frameSince = 0;
        else if (_frameSince == 0) _frameSince = Loop.Now;
        if (!_timer.IsRunning && IsWaiting) Loop.Start(_timer, _tick);
    }

    private void Tick()
    {
        if (_isClosed) return;
        var writeTimeout = Connection.IsAuthenticated ? _timeouts.Write : _timeouts.WriteOfStrangers;
        if (IsOver(_blockedSince, writeTimeout))
        {
            WasUnread = true;
            Abort();
            return;
        }

        if (IsOver(_closingSince, _timeouts.Linger))
        {
            Client.Close();
            Finish();
            return;
        }

        if (IsOver(_frameSince, _timeouts.Head)) Connection.Fail(Http2ErrorCode.EnhanceYourCalm);
        else if (_firstOpen is null && IsOver(_lastStreamAt, Connection.IsAuthenticated ? _timeouts.KeepAlive : _timeouts.Head)) Connection.FinishDrain();
        if (IsOver(_drainSince, _timeouts.Linger)) Connection.FinishDrain();
        if (!Connection.IsAuthenticated) ResetWaiting();
        Flush();
    }

    /// <summary>A stranger's answers may not wait for windows that it never opens.</summary>
    private void ResetWaiting()
    {
        for (var channel = _firstOpen; channel is not null;)
        {
            var next = channel.NextOpen;
            if (IsOver(channel.WaitsSince, _timeouts.WriteOfStrangers))
            {
                Connection.Reset(channel.Stream, Http2ErrorCode.EnhanceYourCalm);
                channel.Break(Http2ErrorCode.EnhanceYourCalm);
            }

            channel = next;
        }
    }

    private bool IsOver(long since, TimeSpan limit) => since != 0 && Loop.Now - since >= limit.TotalMilliseconds;

    /// <summary>The last GOAWAY is written: the client may read it, and closes; or is closed soon.</summary>
    private void BeginClosing()
    {
        if (_closingSince != 0) return;
        _closingSince = Loop.Now;
        Client.ShutdownWrite();
    }
}
