using Tunneling.Http2.Frames;
using Tunneling.Http2.Hpack;

namespace Tunneling.Http2;

/// <summary>
/// Answers and DATA out. Frames without DATA wait in a queue and go first; DATA is pulled: whoever has bytes for a stream says so,
/// and is asked for them in turn when the output has room. So nothing is held here that a peer does not read.
/// </summary>
internal sealed partial class Http2Connection
{
    private const int MaxFrameSize = FrameHeader.DefaultMaxLength;

    /// <summary>Of a block that is trailers.</summary>
    private const int NoStatus = 0;

    private SenderQueue _senders;
    private int _sendWindow = PeerSettings.DefaultWindow;
    private bool _owesTableUpdate;
    private bool _hasSentTableUpdate;

    /// <summary>What may be sent on the connection.</summary>
    public int SendWindow => _sendWindow;

    /// <summary>Bytes of frames that wait before any DATA.</summary>
    public int QueuedControl => _control.Length;

    /// <summary>Something can be sent now.</summary>
    public bool HasOutput => _control.Length > 0 || (!_senders.IsEmpty && _sendWindow > 0);

    /// <summary>How many streams wait for their turn, at least one of them if there is any.</summary>
    public int SenderCount => _senders.Count;

    /// <summary>Moves waiting frames out, as many bytes as fit; DATA may follow only once none are left.</summary>
    public int TakeControl(Span<byte> output) => _control.Take(output);

    /// <summary>An answer's head; an informational status leaves the answer itself still to come.</summary>
    public void Respond(Http2Stream stream, int status, ReadOnlySpan<KeyValuePair<string, string>> fields, bool endsStream)
    {
        SendFields(stream, status, fields, endsStream);
        stream.IsAnswered |= status >= 200;
    }

    private void SendFields(Http2Stream stream, int status, ReadOnlySpan<KeyValuePair<string, string>> fields, bool endsStream)
    {
        if (HasFailed || stream.IsClosed || stream.IsLocalEnded) return;
        var length = 1 + HpackEncoder.MaxStatusLength;
        foreach (var (name, value) in fields) length += HpackEncoder.MaxFieldLength(name, value);
        if (length <= MaxFrameSize)
        {
            // Written where it is sent from.
            var frame = _control.Append(FrameHeader.Size + length);
            var written = WriteBlock(frame[FrameHeader.Size..], status, fields);
            var flags = FrameFlags.EndHeaders | (endsStream ? FrameFlags.EndStream : FrameFlags.None);
            new FrameHeader(written, FrameType.Headers, flags, stream.Id).Write(frame);
            _control.Trim(length - written);
        }
        else
        {
            var block = new byte[length];
            AppendLongBlock(stream.Id, block.AsSpan(0, WriteBlock(block, status, fields)), endsStream);
        }

        if (endsStream) EndLocal(stream);
    }

    /// <summary>Sends END_STREAM, after all DATA that was committed.</summary>
    public void End(Http2Stream stream)
    {
        if (HasFailed || stream.IsClosed || stream.IsLocalEnded) return;
        _control.AppendEndOfStream(stream.Id);
        EndLocal(stream);
    }

    /// <summary>Ends the stream with trailers, after all DATA that was committed.</summary>
    public void End(Http2Stream stream, ReadOnlySpan<KeyValuePair<string, string>> trailers) => SendFields(stream, NoStatus, trailers, endsStream: true);

    /// <summary>Resets a stream; what it held is given back, and nothing more is told of it.</summary>
    public void Reset(Http2Stream stream, Http2ErrorCode code)
    {
        if (HasFailed || stream.IsClosed) return;
        _streams.RememberReset(stream.Id);
        _control.AppendReset(stream.Id, code);
        Close(stream);
        ReleaseHeld(stream);
    }

    /// <summary>There are bytes for this stream: it is asked for them in its turn.</summary>
    public void ReadyToSend(Http2Stream stream)
    {
        if (HasFailed || stream.IsClosed || stream.IsLocalEnded) return;
        if (stream.SendWindow > 0) _senders.Add(stream);
        else stream.IsBlocked = true;
    }

    /// <summary>Whose turn it is, and how many bytes its windows allow. It is out of the queue then: if it has more, <see cref="ReadyToSend"/> puts it last.</summary>
    public bool TryNextSender(out Http2Stream stream, out int maxPayload)
    {
        stream = null!;
        maxPayload = 0;
        while (_sendWindow > 0 && _senders.Take() is { } next)
        {
            if (next.IsClosed || next.IsLocalEnded) continue;
            if (next.SendWindow <= 0)
            {
                next.IsBlocked = true;
                continue;
            }

            stream = next;
            maxPayload = Math.Min(_sendWindow, next.SendWindow);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Writes the headers of DATA before a payload that stands in its places (<see cref="DataFrames"/>, frames of 16 KiB);
    /// returns the length of all. The payload is at most what <see cref="TryNextSender"/> allowed.
    /// </summary>
    public int CommitData(Http2Stream stream, Span<byte> output, int payload, bool endsStream)
    {
        if (payload > stream.SendWindow || payload > _sendWindow) throw new ArgumentOutOfRangeException(nameof(payload), payload, "More than the windows allow.");
        if (HasFailed || stream.IsClosed || stream.IsLocalEnded || payload == 0) return 0;
        stream.SendWindow -= payload;
        _sendWindow -= payload;
        _budget.Earn(AbuseBudget.DataSent * DataFrames.FrameCount(payload, MaxFrameSize));
        var length = DataFrames.WriteHeaders(output, stream.Id, payload, MaxFrameSize, endsStream);
        if (endsStream) EndLocal(stream);
        return length;
    }

    private void EndLocal(Http2Stream stream)
    {
        stream.IsLocalEnded = true;
        if (stream.IsRemoteEnded) Close(stream);
    }

    private int WriteBlock(Span<byte> block, int status, ReadOnlySpan<KeyValuePair<string, string>> fields)
    {
        var written = 0;
        if (_owesTableUpdate)
        {
            block[written++] = HpackEncoder.TableSizeZero;
            (_owesTableUpdate, _hasSentTableUpdate) = (false, true);
        }

        if (status != NoStatus) written += HpackEncoder.WriteStatus(block[written..], status);
        foreach (var (name, value) in fields) written += HpackEncoder.WriteField(block[written..], name, value);
        return written;
    }

    private void AppendLongBlock(int id, ReadOnlySpan<byte> block, bool endsStream)
    {
        var type = FrameType.Headers;
        var flags = endsStream ? FrameFlags.EndStream : FrameFlags.None;
        while (!block.IsEmpty)
        {
            var part = block[..Math.Min(block.Length, MaxFrameSize)];
            block = block[part.Length..];
            var frame = _control.Append(FrameHeader.Size + part.Length);
            new FrameHeader(part.Length, type, flags | (block.IsEmpty ? FrameFlags.EndHeaders : FrameFlags.None), id).Write(frame);
            part.CopyTo(frame[FrameHeader.Size..]);
            (type, flags) = (FrameType.Continuation, FrameFlags.None);
        }
    }

    private bool TryOpenWindow(int increment)
    {
        if ((long)_sendWindow + increment > int.MaxValue) return false;
        _sendWindow += increment;
        return true;
    }

    private bool TryOpenWindow(Http2Stream stream, int increment)
    {
        if ((long)stream.SendWindow + increment > int.MaxValue) return false;
        stream.SendWindow += increment;
        Unblock(stream);
        return true;
    }

    private void Unblock(Http2Stream stream)
    {
        if (!stream.IsBlocked || stream.SendWindow <= 0) return;
        stream.IsBlocked = false;
        _senders.Add(stream);
    }

    /// <summary>SETTINGS_INITIAL_WINDOW_SIZE moves the windows of open streams, below zero too (RFC 9113, section 6.9.2).</summary>
    private Http2ErrorCode MoveSendWindows(long change)
    {
        if (change == 0) return Http2ErrorCode.NoError;
        foreach (var stream in _streams.All)
        {
            var window = stream.SendWindow + change;
            if (window > int.MaxValue) return Http2ErrorCode.FlowControlError;
            stream.SendWindow = (int)window;
            Unblock(stream);
        }

        return Http2ErrorCode.NoError;
    }
}
