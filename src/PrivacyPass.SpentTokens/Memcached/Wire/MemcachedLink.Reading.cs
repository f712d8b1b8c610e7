using System.Text;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>The reader's side; all of it runs on the connection's own thread, or on its event loop.</summary>
internal sealed partial class MemcachedLink
{
    /// <summary>The thread.</summary>
    private void Read()
    {
        var replies = new ReplyBuffer();
        MemcachedCloseReason? reason;
        do
        {
            reason = Receive(ref replies);
        }
        while (reason is null);
        End(reason.Value);
        replies.Dispose();
    }

    private MemcachedCloseReason? Receive(ref ReplyBuffer replies)
    {
        try
        {
            var received = _transport.Receive(replies.Free);
            return received == 0 ? MemcachedCloseReason.ClosedByServer : Received(ref replies, received);
        }
        catch (Exception)
        {
            return MemcachedCloseReason.Faulted;
        }
    }

    /// <summary>Takes what was read into <paramref name="replies"/>.</summary>
    /// <returns>Why the connection must end; null when it goes on.</returns>
    public MemcachedCloseReason? Received(ref ReplyBuffer replies, int count)
    {
        var used = Deliver(replies.Add(count));
        return used >= 0 && replies.Use(used) ? null : MemcachedCloseReason.Garbage;
    }

    /// <summary>Answers whoever still waits, and lets go of everything. Called once, by the reader.</summary>
    public void End(MemcachedCloseReason reason)
    {
        Close(reason);
        _deadlines.Dispose();
        // No command is added after Close: what the ring holds now is all.
        for (var now = _time.GetTimestamp(); _ring.Count > 0;) Take(now)?.CompleteOnPool(MemcachedReply.Closed);
        _transport.Dispose();
        _closed.SetResult(_reason!.Value);
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
                Hand(last, lastReply);
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
        // A lone caller saves the hop to another thread; of several, one's work must not hold up the others' replies, nor a loop's turn.
        if (several || _ring.Count > 0 || Loop is not null) Hand(last, lastReply);
        else last.CompleteHere(lastReply);
        return used;
    }

    private static void Hand(PendingReply waiter, MemcachedReply reply)
    {
        if (waiter.GoesOnElsewhere) waiter.CompleteHere(reply);
        else waiter.CompleteOnPool(reply);
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
