using System.Diagnostics;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>The one thread that uses the database: everything waiting becomes one transaction, and upkeep happens between two of them.</summary>
internal sealed partial class SpentTokenWriter : IDisposable
{
    /// <summary>Rows deleted at once: a few milliseconds, as spends wait for it.</summary>
    private const int ChunkRows = 1000;

    private const int RecoveryChunks = 100;

    /// <summary>Kept so much longer than the key is accepted, for requests under way.</summary>
    private const long GraceSeconds = 300;

    private static readonly TimeSpan _chunkInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _upkeepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _shortestRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromSeconds(2);

    private readonly SqliteSpentTokenOptions _options;
    private readonly SpendQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ISpentTokenMetrics? _metrics;
    private readonly Thread _thread;
    private readonly AcceptedWitnesses _witnesses = new();
    private readonly FileMark _mark;
    private SpentTokenDatabase? _database;
    private TimeSpan _retry = _shortestRetry;
    private long _nextUpkeep;
    private long _nextChunk;
    private long _transactions;
    private bool _emptying;
    private bool _toldOfForeign;

    public SpentTokenWriter(SpentTokenDatabase database, SqliteSpentTokenOptions options, SpendQueue queue, TimeProvider time, ILogger logger, ISpentTokenMetrics? metrics)
    {
        (_database, _mark, _options, _queue, _time, _logger, _metrics) = (database, database.Mark, options, queue, time, logger, metrics);
        _thread = new Thread(Run) { IsBackground = true, Name = "Spent tokens" };
        _thread.Start();
    }

    /// <summary>False while the file cannot be written.</summary>
    public bool IsReady => Volatile.Read(ref _database) is not null;

    /// <summary>How many transactions of spends were committed.</summary>
    public long Transactions => Volatile.Read(ref _transactions);

    /// <summary>Waits for what is queued to be written; the queue must be closed.</summary>
    public void Dispose() => _thread.Join();

    private void Run()
    {
        while (true)
        {
            var batch = _queue.Take(Patience());
            if (batch.IsEmpty && _queue.IsClosed) break;
            try
            {
                if (_database is null) Recover();
                else Serve(_database, batch);
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
            // Whatever has no answer yet.
            _queue.Answer(committed: false);
        }
        _database?.Dispose();
    }

    private TimeSpan Patience()
    {
        if (_database is null) return _retry;
        return _emptying ? _chunkInterval / 4 : _upkeepInterval;
    }

    private void Serve(SpentTokenDatabase database, ReadOnlySpan<PendingSpend> batch)
    {
        if (!batch.IsEmpty) Write(database, batch);
        _queue.Answer(committed: true);
        // Nobody waits for the rest of the round, unless it came meanwhile.
        KeepUp(database);
    }

    private void Write(SpentTokenDatabase database, ReadOnlySpan<PendingSpend> batch)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        database.Begin();
        foreach (var pending in batch)
            pending.Outcome = pending.Spends ? database.Spend(pending.Token, now) : database.LookUp(pending.Token);
        var began = Stopwatch.GetTimestamp();
        database.Commit();
        _metrics?.Committed(Stopwatch.GetElapsedTime(began));
        _metrics?.BatchSent(batch.Length);
        foreach (var pending in batch)
            if (pending.Spends && pending.Outcome == SpendOutcome.Fresh) _witnesses.Add(pending.Token);
        Volatile.Write(ref _transactions, _transactions + 1);
    }

    private void KeepUp(SpentTokenDatabase database)
    {
        if (database.CheckpointIfDue()) _witnesses.Settle();
        var ticks = Environment.TickCount64;
        if (ticks >= _nextUpkeep)
        {
            _nextUpkeep = ticks + (long)_upkeepInterval.TotalMilliseconds;
            if (!File.Exists(_options.File)) throw new FileNotFoundException("the file has vanished");
            database.CloseExpired(Oldest);
            _emptying = true;
        }
        if (!_emptying || ticks < _nextChunk) return;
        _nextChunk = ticks + (long)_chunkInterval.TotalMilliseconds;
        _emptying = database.DeleteChunk(ChunkRows);
    }

    /// <summary>Said once: failures to recover are not told again, unless another file has taken the place.</summary>
    private void Fail(Exception exception)
    {
        // Before the file is closed, which may take its time.
        _queue.Answer(committed: false);
        if (_database is not { } database)
        {
            _retry = _retry * 2 < _longestRetry ? _retry * 2 : _longestRetry;
            if (exception is ForeignFileException && !_toldOfForeign)
            {
                _toldOfForeign = true;
                LogForeign(_logger, _options.File!, exception.Message);
            }
            return;
        }
        Volatile.Write(ref _database, null);
        LogFailed(_logger, _options.File!, SqliteProblem.Reason(exception));
        database.Dispose();
    }

    /// <summary>Opens the file again, and believes in it when a write has gone through.</summary>
    private void Recover()
    {
        var database = new SpentTokenDatabase(_options, _mark);
        try
        {
            if (!database.IsMarked || _witnesses.IsAnyUnknownTo(database))
            {
                // What lies in the log belongs to the right file.
                database.KeepLog();
                throw new ForeignFileException("it lacks tokens accepted since the start, or the mark of its last change: an older copy, or another file");
            }
            // Deleting expired tokens may be what makes room; nobody waits for it now.
            database.CloseExpired(Oldest);
            for (var chunk = 0; chunk < RecoveryChunks && database.DeleteChunk(ChunkRows); chunk++) { }
            database.Probe();
        }
        catch
        {
            database.Dispose();
            throw;
        }
        Volatile.Write(ref _database, database);
        _retry = _shortestRetry;
        _toldOfForeign = false;
        LogRecovered(_logger, _options.File!);
    }

    /// <summary>Keys that expired earlier, Unix seconds, take no more spends.</summary>
    private long Oldest => _time.GetUtcNow().ToUnixTimeSeconds() - GraceSeconds;

    [LoggerMessage(EventId = 2401, Level = LogLevel.Error, Message = "Spent tokens cannot be written to {File} ({Reason}): requests are refused until they can be.")]
    private static partial void LogFailed(ILogger logger, string file, string reason);

    [LoggerMessage(EventId = 2402, Level = LogLevel.Information, Message = "Spent tokens can be written to {File} again.")]
    private static partial void LogRecovered(ILogger logger, string file);

    [LoggerMessage(EventId = 2403, Level = LogLevel.Error, Message = "{File} is not the file that was open before ({Reason}): requests are refused until that is back.")]
    private static partial void LogForeign(ILogger logger, string file, string reason);
}
