using Tunneling.Http2.Frames;
using Tunneling.Http2.Hpack;

namespace Tunneling.Http2;

/// <summary>Header blocks, and the streams they open.</summary>
internal sealed partial class Http2Connection
{
    private void TakeHeaders(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var error = (header.StreamId & 1) == 0 ? Http2ErrorCode.ProtocolError : Unwrap(header, ref payload);
        if (error != Http2ErrorCode.NoError)
        {
            Fail(error);
            return;
        }

        if (header.Has(FrameFlags.EndHeaders)) TakeBlock(header.StreamId, header.Has(FrameFlags.EndStream), payload);
        else _block.Begin(header.StreamId, header.Has(FrameFlags.EndStream), payload);
    }

    private void TakeContinuation(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (_block.StreamId == 0)
        {
            Fail(Http2ErrorCode.ProtocolError);
            return;
        }

        // A frame that adds nothing is no part of any honest block.
        Spend(payload.IsEmpty ? AbuseBudget.Request : AbuseBudget.Settings);
        if (!HasFailed && !_block.TryContinue(payload, _limits.MaxFieldListSize)) Fail(Http2ErrorCode.EnhanceYourCalm);
        if (HasFailed || !header.Has(FrameFlags.EndHeaders)) return;
        TakeBlock(_block.StreamId, _block.EndsStream, _block.Bytes);
        _block.Clear();
    }

    /// <summary>Takes padding and the deprecated priority off (RFC 9113, section 6.2).</summary>
    private static Http2ErrorCode Unwrap(in FrameHeader header, ref ReadOnlySpan<byte> payload)
    {
        var padding = 0;
        if (header.Has(FrameFlags.Padded))
        {
            if (payload.IsEmpty) return Http2ErrorCode.FrameSizeError;
            padding = payload[0];
            payload = payload[1..];
        }

        if (header.Has(FrameFlags.Priority))
        {
            if (payload.Length < 5) return Http2ErrorCode.FrameSizeError;
            payload = payload[5..];
        }

        if (padding > payload.Length) return Http2ErrorCode.ProtocolError;
        payload = payload[..^padding];
        return Http2ErrorCode.NoError;
    }

    private void TakeBlock(int id, bool endsStream, ReadOnlySpan<byte> block)
    {
        // Decoded whatever becomes of it: the table is the connection's.
        _head.Clear();
        if (_decoder.Decode(block, _head.List) != HpackError.None)
        {
            Fail(Http2ErrorCode.CompressionError);
            return;
        }

        if (id > _streams.LastId) OpenStream(id, endsStream);
        else if (_streams.TryGet(id, out var stream)) TakeTrailers(stream, endsStream);
        else if (_streams.WasReset(id)) Spend(AbuseBudget.Settings);
        else Fail(Http2ErrorCode.StreamClosed);
    }

    private void OpenStream(int id, bool endsStream)
    {
        _streams.LastId = id;
        if (id > _lastAccepted)
        {
            // Opened before the client had read the last GOAWAY, which tells it so.
            _streams.RememberReset(id);
            Spend(AbuseBudget.Settings);
        }
        else if (_streams.Count >= (IsAuthenticated ? _limits.MaxStreams : _limits.MostOpenOfStrangers) || _control.Length > MaxQueued / 2)
        {
            RefuseStream(id, Http2ErrorCode.RefusedStream);
        }
        else if (!_head.IsTooLarge && !_head.TryRead())
        {
            RefuseStream(id, Http2ErrorCode.ProtocolError);
        }
        else if (!_head.IsTooLarge && endsStream && _head.ContentLength > 0)
        {
            RefuseStream(id, Http2ErrorCode.ProtocolError);
        }
        else
        {
            var stream = new Http2Stream(id, _peer.InitialWindowSize, _limits.StreamWindow, _now)
            {
                IsConnect = _head.IsConnect,
                IsEarly = !_isAcknowledged,
                IsRemoteEnded = endsStream,
                ContentLeft = _head.ContentLength,
            };
            _streams.Add(stream);
            if (_head.IsTooLarge) RefuseHead(stream);
            else _events.OnRequest(stream, _head, endsStream);
        }
    }

    private void RefuseStream(int id, Http2ErrorCode code)
    {
        _streams.RememberReset(id);
        _control.AppendReset(id, code);
        Spend(code == Http2ErrorCode.RefusedStream ? AbuseBudget.Settings : AbuseBudget.Request);
        CheckQueue();
    }

    /// <summary>431 (RFC 6585, section 5), for a client that means no harm.</summary>
    private void RefuseHead(Http2Stream stream)
    {
        Spend(2 * AbuseBudget.Request);
        if (HasFailed) return;
        Respond(stream, 431, [], endsStream: true);
        if (!stream.IsClosed) Reset(stream, Http2ErrorCode.NoError);
    }

    private void TakeTrailers(Http2Stream stream, bool endsStream)
    {
        if (stream.IsRemoteEnded) FailStream(stream, Http2ErrorCode.StreamClosed);
        else if (stream.IsConnect || !endsStream || _head.IsTooLarge || !_head.TryReadTrailers()) FailStream(stream, Http2ErrorCode.ProtocolError);
        else
        {
            stream.TrailersRead?.Invoke(_head);
            EndRemote(stream);
        }
    }

    private void EndRemote(Http2Stream stream)
    {
        if (stream.ContentLeft > 0)
        {
            FailStream(stream, Http2ErrorCode.ProtocolError);
            return;
        }

        stream.IsRemoteEnded = true;
        if (stream.IsLocalEnded) Close(stream);
        _events.OnEnd(stream);
    }

    /// <summary>A stream error (RFC 9113, section 5.4.2) that the client has made.</summary>
    private void FailStream(Http2Stream stream, Http2ErrorCode code)
    {
        Reset(stream, code);
        Spend(AbuseBudget.Request);
        if (HasFailed) return;
        _events.OnReset(stream, code, byPeer: false);
        CheckQueue();
    }

    /// <summary>Takes a stream out; what it held is given back.</summary>
    private void Close(Http2Stream stream)
    {
        if (stream.IsClosed) return;
        stream.IsClosed = true;
        _streams.Remove(stream);
        ReleaseWindow(stream);
    }
}
