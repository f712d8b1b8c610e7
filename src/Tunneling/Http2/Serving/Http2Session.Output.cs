using System.Buffers;
using Tunneling.Http2.Frames;
using Tunneling.Native;

namespace Tunneling.Http2.Serving;

/// <summary>Everything a turn has to send, in one pooled buffer that is given back once it is written.</summary>
internal sealed partial class Http2Session
{
    private const int OutputSize = 256 * 1024;

    /// <summary>What a stream may write in its turn at least.</summary>
    private const int LeastTurn = 16 * 1024;

    /// <summary>Written in one go before others on the loop have their turn.</summary>
    private const int WriteBudget = 1024 * 1024;

    private byte[]? _output;
    private int _outputStart;
    private int _outputEnd;
    private bool _isFlushPosted;
    private Http2StreamChannel? _turn;
    private int _turnLeft;

    /// <summary>Bytes that wait for the client to read.</summary>
    public int Unsent => _outputEnd - _outputStart + Connection.QueuedControl;

    /// <summary>Sends at the end of the loop's turn, with what others have to say.</summary>
    internal void ScheduleFlush()
    {
        if (_isFlushPosted || _isClosed) return;
        _isFlushPosted = true;
        Loop.Post(static session => ((Http2Session)session!).FlushPosted(), this);
    }

    /// <summary>Takes what the windows and the output have room for; returns how much.</summary>
    internal int Send(Http2StreamChannel channel, ReadOnlySpan<byte> bytes)
    {
        // Whoever waits goes first.
        var isTurn = ReferenceEquals(_turn, channel);
        if (_isClosed || (!isTurn && Connection.SenderCount > 0)) return 0;
        var stream = channel.Stream;
        var sent = 0;
        while (sent < bytes.Length)
        {
            var allowed = Math.Min(bytes.Length - sent, Math.Min(stream.SendWindow, Connection.SendWindow));
            if (isTurn) allowed = Math.Min(allowed, _turnLeft);
            if (allowed <= 0) break;
            if (!MakeRoom()) break;
            var room = _output.AsSpan(_outputEnd);
            var payload = Math.Min(allowed, DataFrames.PayloadIn(room.Length, FrameHeader.DefaultMaxLength));
            DataFrames.CopyPayload(bytes.Slice(sent, payload), room, FrameHeader.DefaultMaxLength);
            var length = Connection.CommitData(stream, room, payload, endsStream: false);
            if (length == 0) break;
            _outputEnd += length;
            sent += payload;
            if (isTurn) _turnLeft -= payload;
        }

        if (sent > 0) ScheduleFlush();
        return sent;
    }

    /// <summary>A stream found no room: it is told in its turn.</summary>
    internal void Await(Http2StreamChannel channel)
    {
        Connection.ReadyToSend(channel.Stream);
        KeepTime();
        if (Client.CanWrite) ScheduleFlush();
    }

    private void FlushPosted()
    {
        _isFlushPosted = false;
        if (!_isClosed) Flush();
    }

    /// <summary>Room for a frame with something in it, in order after all frames that wait.</summary>
    private bool MakeRoom()
    {
        if (Connection.QueuedControl > 0 && !TakeControl()) return false;
        if (OutputSize - _outputEnd > 2 * FrameHeader.Size || _output is null)
        {
            _output ??= ArrayPool<byte>.Shared.Rent(OutputSize);
            return true;
        }

        // Written out here, without giving anyone else a turn: the caller is in the middle of its own.
        return WriteOutput() && _outputEnd < OutputSize / 2;
    }

    private bool TakeControl()
    {
        _output ??= ArrayPool<byte>.Shared.Rent(OutputSize);
        _outputEnd += Connection.TakeControl(_output.AsSpan(_outputEnd, OutputSize - _outputEnd));
        return Connection.QueuedControl == 0;
    }

    /// <summary>Writes as much as the client has room for. True: all of it.</summary>
    private bool WriteOutput()
    {
        while (_outputStart < _outputEnd)
        {
            if (!Client.CanWrite) return false;
            var result = Client.Write(_output.AsSpan(_outputStart, _outputEnd - _outputStart));
            if (result.Status == IoStatus.Failed)
            {
                _isClientGone = true;
                return false;
            }

            if (result.Status != IoStatus.Done) return false;
            _outputStart += result.Value;
            _blockedSince = 0;
        }

        (_outputStart, _outputEnd) = (0, 0);
        return true;
    }

    private void Flush()
    {
        for (var written = 0; WriteOutput();)
        {
            if (Connection.QueuedControl > 0)
            {
                TakeControl();
            }
            else if (written > WriteBudget)
            {
                ScheduleFlush();
                break;
            }
            else if (!Connection.HasOutput || !GiveTurns())
            {
                break;
            }

            if (_isClosed) return;
            written += _outputEnd;
        }

        if (_isClientGone)
        {
            Client.Abort();
            Finish();
            return;
        }

        if (_outputStart == _outputEnd) ReleaseOutput();
        else if (_blockedSince == 0) _blockedSince = Loop.Now;
        if (_isPaused && Connection.QueuedControl <= PauseAt)
        {
            _isPaused = false;
            ReadLater();
        }

        if (_output is null && (Connection.HasFailed || Connection.IsDrained)) BeginClosing();
        KeepTime();
    }

    /// <summary>Lets waiting streams write, each its share. True: there is something to send.</summary>
    private bool GiveTurns()
    {
        var before = _outputEnd;
        // Each that waits now at most once before the output is written.
        for (var left = Connection.SenderCount; left > 0 && OutputSize - _outputEnd >= LeastTurn; left--)
        {
            if (!Connection.TryNextSender(out var stream, out _)) break;
            var channel = (Http2StreamChannel)stream.Owner!;
            _turn = channel;
            _turnLeft = Math.Max(LeastTurn, (OutputSize - _outputEnd) / left);
            channel.TakeTurn();
            _turn = null;
            if (_isClosed) return false;
        }

        return _outputEnd > before || Connection.QueuedControl > 0;
    }

    private void ReleaseOutput()
    {
        if (_output is not null) ArrayPool<byte>.Shared.Return(_output);
        (_output, _outputStart, _outputEnd) = (null, 0, 0);
    }
}
