using System.Buffers;
using System.Text;

namespace PrivacyProxy.SpentTokens.Memcached.Wire;

/// <summary>The reader's side; all of it runs on the connection's own thread.</summary>
internal sealed partial class MemcachedLink
{
    private void Read()
    {
        Close(ReadReplies());
        _deadlines.Dispose();
        // No command is added after Close: what the ring holds now is all.
        for (var now = _time.GetTimestamp(); _ring.Count > 0;) Take(now)?.CompleteOnPool(MemcachedReply.Closed);
        _transport.Dispose();
        _closed.SetResult(_reason!.Value);
    }

    private MemcachedCloseReason ReadReplies()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2 * ReplyParser.LongestReply);
        try
        {
            for (var filled = 0; ;)
            {
                var received = _transport.Receive(buffer.AsSpan(filled));
                if (received == 0) return MemcachedCloseReason.ClosedByServer;
                filled += received;
                var used = Deliver(buffer.AsSpan(0, filled));
                if (used < 0 || (used == 0 && filled == buffer.Length)) return MemcachedCloseReason.Garbage;
                filled -= used;
                if (filled > 0) buffer.AsSpan(used, filled).CopyTo(buffer);
            }
        }
        catch (Exception)
        {
            return MemcachedCloseReason.Faulted;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Completes the commands whose replies lie in <paramref name="received"/>.</summary>
    /// <returns>The bytes used; -1 when the connection can no longer be trusted.</returns>
    private int Deliver(ReadOnlySpan<byte> received)
    {
        // Held back until it is known whether it is alone.
        PendingReply? last = null;
        var lastReply = MemcachedReply.Closed;
        var used = 0;
        var several = false;
        var now = _time.GetTimestamp();
        while (used < received.Length)
        {
            if (_ring.Count == 0) return Distrust(last, lastReply);
            var kind = _ring.HeadKind;
            var parse = ReplyParser.Read(kind, received[used..], out var reply);
            if (parse == ReplyParse.Incomplete) break;
            if (parse == ReplyParse.Garbage) return Distrust(last, lastReply);
            if (last is not null)
            {
                several = true;
                last.CompleteOnPool(lastReply);
            }

            last = Take(now);
            lastReply = reply.Reply;
            if (last is PendingCheck check)
            {
                if (!reply.Key.IsEmpty && !IsAsked(kind, reply.Key, check.Key)) return Distrust(last, MemcachedReply.Closed);
                if (kind == CommandKind.AddMarked) lastReply = check.Judge(reply);
            }
            if (last is PendingText text && lastReply != MemcachedReply.Failed) text.Text = Encoding.Latin1.GetString(received.Slice(used, reply.Length));
            if (reply.LosesOrder) return Distrust(last, lastReply);
            used += reply.Length;
        }

        if (last is null) return used;
        // A lone caller saves the hop to another thread; of several, one's work must not hold up the others' replies.
        if (several || _ring.Count > 0) last.CompleteOnPool(lastReply);
        else last.CompleteHere(lastReply);
        return used;
    }

    private bool IsAsked(CommandKind kind, ReadOnlySpan<byte> text, in SpentTokenKey key) =>
        kind == CommandKind.Get ? _encoder.IsKey(text, key) : _encoder.IsMarkerKey(text, key);

    private PendingReply? Take(long now)
    {
        var waiter = _ring.Take(out var askedAt);
        _options.Replied?.Invoke(_time.GetElapsedTime(askedAt, now));
        return waiter;
    }

    private static int Distrust(PendingReply? last, MemcachedReply reply)
    {
        last?.CompleteOnPool(reply);
        return -1;
    }
}
