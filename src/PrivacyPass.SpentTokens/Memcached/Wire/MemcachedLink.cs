using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>
/// One connection to a memcached server, shared by all callers. Commands are written in batches, one write each, and replies
/// matched by their order. Never throws for what the server or the network does: that is a <see cref="MemcachedReply"/>.
/// Who may run on which thread: docs/design/memcached-connection.md.
/// </summary>
internal sealed partial class MemcachedLink : IAsyncDisposable, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly MemcachedLinkOptions _options;
    private readonly MemcachedTransport _transport;
    private readonly CommandEncoder _encoder;
    private readonly CommandRing _ring;
    private readonly SendBuffer _buffer = new();
    private readonly ConcurrentQueue<PendingCheck> _idle = new();
    private readonly TaskCompletionSource<MemcachedCloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly ITimer _deadlines;
    private MemcachedCloseReason? _reason;
    private bool _flushing;
    private bool _watchesDeadlines;
    private long _writes;
    private long _commandsWritten;

    private MemcachedLink(MemcachedTransport transport, MemcachedLinkOptions options)
    {
        (_transport, _options, _time) = (transport, options, options.Time);
        _encoder = new CommandEncoder(options.KeyPrefix, options.KeyTags);
        _ring = new CommandRing(options.MaxInFlight);
        _deadlines = _time.CreateTimer(static link => ((MemcachedLink)link!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (options.Loop is { } loop && transport is SocketTransport socket) loop.Read(this, socket);
        else new Thread(Read) { IsBackground = true, Name = "memcached reader" }.UnsafeStart();
    }

    /// <summary>Whose callers it serves best; null when it reads on a thread of its own.</summary>
    public CheckLoop? Loop => _options.Loop;

    public bool IsOpen => _reason is null;

    /// <summary>Completes when the connection is gone and every command on it was answered.</summary>
    public Task<MemcachedCloseReason> Closed => _closed.Task;

    /// <summary>Commands without a reply, those past their deadline included.</summary>
    public int InFlight => _ring.Count;

    /// <summary>The age of the oldest unanswered command; zero when all are answered.</summary>
    public TimeSpan OldestWait => _ring.OldestAskedAt is { } asked ? _time.GetElapsedTime(asked) : TimeSpan.Zero;

    /// <summary>Batches written so far.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>Commands in those batches.</summary>
    public long CommandsWritten => Volatile.Read(ref _commandsWritten);

    /// <exception cref="System.Net.Sockets.SocketException">No address of the endpoint could be reached.</exception>
    /// <exception cref="TimeoutException">Not within <see cref="MemcachedLinkOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">TLS failed.</exception>
    /// <exception cref="IOException">The server closed during the TLS handshake.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<MemcachedLink> ConnectAsync(MemcachedEndpoint endpoint, MemcachedLinkOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            return new MemcachedLink(await MemcachedDialer.DialAsync(endpoint, options.Tls, limit.Token), options);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No connection to {endpoint} within {options.ConnectTimeout.TotalMilliseconds:0} ms.", e);
        }
    }

    /// <summary>Asks whether a key exists.</summary>
    public ValueTask<MemcachedReply> GetAsync(SpentTokenKey key) => Ask(CommandKind.Get, key, 0);

    /// <summary>Makes a key, unless it exists.</summary>
    /// <param name="key">The key.</param>
    /// <param name="exptime">As memcached reads it: 0 for never, up to 30 days relative, more is absolute Unix time.</param>
    public ValueTask<MemcachedReply> AddAsync(SpentTokenKey key, long exptime) => Ask(CommandKind.Add, key, exptime);

    /// <summary>
    /// Makes a key, unless it exists, and reads the marker of its tag behind it: whoever lost its memory before the one does
    /// not have the other. Where keys have tags.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="exptime">As memcached reads it.</param>
    /// <param name="marker">What the marker held last; null when that is not known.</param>
    public ValueTask<MemcachedReply> AddMarkedAsync(SpentTokenKey key, long exptime, byte[]? marker) => Ask(CommandKind.AddMarked, key, exptime, marker);

    /// <summary>Sends a rare command that has one line.</summary>
    /// <returns>The whole reply; null when it failed or timed out.</returns>
    public async Task<string?> ReadTextAsync(string command) => (await AskTextAsync(command)).Text;

    /// <summary>Sends a rare command that has one line.</summary>
    /// <returns>What became of it, and the whole reply; null when it failed or timed out.</returns>
    public async Task<(MemcachedReply Reply, string? Text)> AskTextAsync(string command)
    {
        var waiter = new PendingText();
        var reply = await AskText(CommandKind.Text, command + "\r\n", waiter);
        return (reply, reply is MemcachedReply.Hit or MemcachedReply.Miss ? waiter.Text : null);
    }

    /// <summary>Makes a key that is no spent token, unless it exists.</summary>
    public Task<MemcachedReply> AddTextAsync(string key, string value, long exptime) => StoreTextAsync("add", key, value, exptime);

    /// <summary>Stores under a key that is no spent token.</summary>
    /// <param name="command"><c>add</c> or <c>set</c>.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">ASCII without line ends.</param>
    /// <param name="exptime">As memcached reads it; 0 for never.</param>
    public Task<MemcachedReply> StoreTextAsync(string command, string key, string value, long exptime) =>
        AskText(CommandKind.Add, $"{command} {key} 0 {exptime} {value.Length}\r\n{value}\r\n", new PendingText());

    /// <summary>Closes; every command still waiting becomes <see cref="MemcachedReply.Closed"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(MemcachedCloseReason.Disposed);
        await _closed.Task;
    }

    /// <summary>The scheduled write.</summary>
    void IThreadPoolWorkItem.Execute() => Flush();

    private ValueTask<MemcachedReply> Ask(CommandKind kind, in SpentTokenKey key, long exptime, byte[]? marker = null)
    {
        if (!_idle.TryDequeue(out var waiter)) waiter = new PendingCheck(_idle);
        var loop = CheckLoop.Current;
        (waiter.Key, waiter.Marker, waiter.GoesOnElsewhere) = (key, marker, loop is not null);
        var answer = waiter.Task;
        bool alone;
        lock (_gate)
        {
            if (!MayAsk(out var refusal))
            {
                _idle.Enqueue(waiter);
                return new ValueTask<MemcachedReply>(refusal);
            }

            var room = _buffer.Reserve(_encoder.LongestCommand);
            _buffer.Advance(kind switch
            {
                CommandKind.Get => _encoder.WriteGet(room, key),
                CommandKind.Add => _encoder.WriteAdd(room, key, exptime),
                _ => _encoder.WriteAddMarked(room, key, exptime),
            });
            if (!Append(kind, waiter, out alone)) return answer;
        }

        // At the end of the loop's turn: what else comes up in it goes out in the same write.
        if (loop is not null) loop.Post(static link => ((MemcachedLink)link!).Flush(), this);
        else StartFlush(alone);
        return answer;
    }

    private Task<MemcachedReply> AskText(CommandKind kind, string command, PendingText waiter)
    {
        Debug.Assert(Ascii.IsValid(command) && command.EndsWith("\r\n", StringComparison.Ordinal), "Commands are ours, not a client's.");
        bool alone;
        lock (_gate)
        {
            if (!MayAsk(out var refusal)) return Task.FromResult(refusal);
            _buffer.Advance(Encoding.ASCII.GetBytes(command, _buffer.Reserve(command.Length)));
            if (!Append(kind, waiter, out alone)) return waiter.Done;
        }

        StartFlush(alone);
        return waiter.Done;
    }

    private bool MayAsk(out MemcachedReply refusal)
    {
        refusal = _reason is null ? MemcachedReply.Busy : MemcachedReply.Closed;
        return _reason is null && !_ring.IsFull;
    }

    /// <returns>Whether the caller must see to the flush; <paramref name="alone"/> if there is nothing to be batched with.</returns>
    private bool Append(CommandKind kind, PendingReply waiter, out bool alone)
    {
        alone = _ring.Count == 0;
        _ring.Add(kind, waiter, _time.GetTimestamp());
        if (!_watchesDeadlines)
        {
            // Once for all that come until it is due: every wake-up of the pool costs more than the check.
            _watchesDeadlines = true;
            _deadlines.Change(_options.StallAfter < _options.Deadline ? _options.StallAfter.Value : _options.Deadline, Timeout.InfiniteTimeSpan);
        }

        if (_flushing) return false;
        return _flushing = true;
    }

    private void StartFlush(bool alone)
    {
        // Behind the work that is queued already: what that appends goes out in the same write.
        if (alone) Flush();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Writes until nothing waits. One at a time: whoever set _flushing.</summary>
    private void Flush()
    {
        while (TryTakeBatch(out var batch))
        {
            var sending = Send(batch);
            if (!sending.IsCompletedSuccessfully)
            {
                _ = FinishSlowFlush(sending);
                return;
            }
        }
    }

    private ValueTask Send(ReadOnlyMemory<byte> batch)
    {
        try
        {
            return _transport.SendAsync(batch);
        }
        catch (Exception e)
        {
            // Disposed in between, as a rule: the caller of a check must not see that.
            return ValueTask.FromException(e);
        }
    }

    private bool TryTakeBatch(out ReadOnlyMemory<byte> batch)
    {
        int commands;
        lock (_gate)
        {
            if (_buffer.IsEmpty || _reason is not null)
            {
                _flushing = false;
                batch = default;
                return false;
            }

            batch = _buffer.TakeAll(out commands);
            _writes++;
            _commandsWritten += commands;
        }

        _options.BatchSent?.Invoke(commands);
        return true;
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "Awaited once, here.")]
    private async Task FinishSlowFlush(ValueTask sending)
    {
        try
        {
            await sending;
        }
        catch (Exception)
        {
            Close(MemcachedCloseReason.Faulted);
        }

        Flush();
    }

    /// <summary>Looks at what waits, and when to look again: nobody is woken while nothing does.</summary>
    private void Expire()
    {
        bool hasStalled;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var next = _ring.Expire(now - (long)(_options.Deadline.TotalSeconds * _time.TimestampFrequency));
            var left = next is { } askedAt ? _options.Deadline - _time.GetElapsedTime(askedAt, now) : TimeSpan.MaxValue;
            hasStalled = HasStalled(now, ref left);
            _watchesDeadlines = left < TimeSpan.MaxValue;
            // Timers count whole milliseconds: never before it is due.
            if (_watchesDeadlines) _deadlines.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(left.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        }

        if (hasStalled) _options.Stalled?.Invoke();
    }

    private bool HasStalled(long now, ref TimeSpan left)
    {
        if (_options.StallAfter is not { } limit || _ring.OldestAskedAt is not { } oldest) return false;
        var untilThen = limit - _time.GetElapsedTime(oldest, now);
        var hasStalled = untilThen <= TimeSpan.Zero;
        if (hasStalled) untilThen = limit / 4;
        if (untilThen < left) left = untilThen;
        return hasStalled;
    }

    /// <summary>Refuses further commands and wakes the reader, which tidies up.</summary>
    private void Close(MemcachedCloseReason reason)
    {
        lock (_gate)
        {
            if (_reason is not null) return;
            _reason = reason;
        }

        _transport.Abort();
    }
}
