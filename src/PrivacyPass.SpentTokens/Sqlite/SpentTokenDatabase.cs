using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>
/// The open database, for one thread. Any failure leaves it of no more use: it is closed, which rolls back, and opened
/// anew, so that what it holds in memory is never ahead of the file.
/// </summary>
internal sealed class SpentTokenDatabase : IDisposable
{
    /// <summary>Changed so often until the write-ahead log is copied back and begun anew.</summary>
    private readonly long _walPages;
    private readonly SqliteConnection _connection;
    private readonly sqlite3 _handle;
    private readonly Dictionary<TokenKeyId, SqlitePartition> _partitions = [];
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _begin, _commit, _insert, _exists, _addPartition, _setPartition, _deleteChunk, _setMark, _hasMark;
    private long _pagesInWal;

    /// <param name="options">Where it is and how it is written.</param>
    /// <param name="mark">What a file that was open before is told by; null for the first time, when there need not be one yet.</param>
    /// <exception cref="SqliteException">It cannot be opened or read.</exception>
    /// <exception cref="ForeignFileException">It is not ours.</exception>
    public SpentTokenDatabase(SqliteSpentTokenOptions options, FileMark? mark = null)
    {
        _connection = SpentTokenFile.Open(options, create: mark is null);
        Mark = mark ?? new FileMark();
        try
        {
            _handle = _connection.Handle!;
            _walPages = Math.Max(1, options.WalSize / SpentTokenFile.Number(_connection, "PRAGMA page_size"));
            LoadPartitions();
            _begin = Prepare("BEGIN IMMEDIATE");
            _commit = Prepare("COMMIT");
            _insert = Prepare("INSERT OR IGNORE INTO spent (partition, key) VALUES (?1, ?2)");
            _exists = Prepare("SELECT 1 FROM spent WHERE partition = ?1 AND key = ?2");
            _addPartition = Prepare("INSERT INTO partition (id, issuer_key, expires, state) VALUES (?1, ?2, ?3, 0)");
            _setPartition = Prepare("UPDATE partition SET expires = ?2, state = ?3 WHERE id = ?1");
            _setMark = Prepare("INSERT INTO probe (filler) VALUES (?1)");
            _hasMark = Prepare("SELECT 1 FROM probe WHERE filler = ?1");
            if (mark is null) Mark.Found(ReadMark());
            _deleteChunk = Prepare("DELETE FROM spent WHERE partition = ?1 AND key IN (SELECT key FROM spent WHERE partition = ?1 LIMIT ?2)");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the file is told by.</summary>
    public FileMark Mark { get; }

    /// <summary>Whether it is the file that was open before, or may be.</summary>
    public bool IsMarked => Mark.IsOf(mark => _hasMark.Bind(1, mark).Any());

    public void Begin() => _begin.Execute();

    /// <summary>When it returns, everything since <see cref="Begin"/> is in the file as <see cref="SqliteSpentTokenOptions.Synchronous"/> wants it.</summary>
    public void Commit()
    {
        _commit.Execute();
        _ = raw.sqlite3_db_status(_handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, 1);
        _pagesInWal += written;
    }

    /// <summary>Whether a token is spent.</summary>
    public SpendOutcome LookUp(in SpentToken token)
    {
        if (!_partitions.TryGetValue(token.Partition, out var partition)) return SpendOutcome.Fresh;
        if (partition.State != PartitionState.Open) return SpendOutcome.Unavailable;
        Span<byte> key = stackalloc byte[SpentTokenKey.Size];
        token.Key.CopyTo(key);
        return _exists.Bind(1, partition.Id).Bind(2, key).Any() ? SpendOutcome.AlreadySpent : SpendOutcome.Fresh;
    }

    /// <summary>Spends a token within a transaction; the answer holds once that is committed.</summary>
    public SpendOutcome Spend(in SpentToken token, long now)
    {
        if (Partition(token, now) is not { State: PartitionState.Open } partition) return SpendOutcome.Unavailable;
        Span<byte> key = stackalloc byte[SpentTokenKey.Size];
        token.Key.CopyTo(key);
        return _insert.Bind(1, partition.Id).Bind(2, key).Execute() == 1 ? SpendOutcome.Fresh : SpendOutcome.AlreadySpent;
    }

    /// <summary>Closes, in a transaction of its own, the partitions whose keys expired before <paramref name="oldest"/>.</summary>
    public void CloseExpired(long oldest)
    {
        if (!_partitions.Values.Any(partition => partition.State == PartitionState.Open && partition.Expires < oldest)) return;
        Begin();
        foreach (var partition in _partitions.Values)
            if (partition.State == PartitionState.Open && partition.Expires < oldest) Update(partition, partition.Expires, PartitionState.Closed);
        Commit();
    }

    /// <summary>Deletes some tokens of a closed partition, in a transaction of its own. False when there is nothing to delete.</summary>
    public bool DeleteChunk(int rows)
    {
        SqlitePartition? closed = null;
        foreach (var partition in _partitions.Values)
            if (partition.State == PartitionState.Closed) closed = partition;
        if (closed is null) return false;
        Begin();
        if (_deleteChunk.Bind(1, closed.Id).Bind(2, rows).Execute() < rows) Update(closed, closed.Expires, PartitionState.Empty);
        Commit();
        return true;
    }

    /// <summary>Copies the write-ahead log into the file when it has grown enough; true when it did.</summary>
    public bool CheckpointIfDue()
    {
        if (_pagesInWal < _walPages) return false;
        Checkpoint();
        return true;
    }

    /// <summary>From here on closing does not copy the write-ahead log into the file, nor delete it.</summary>
    public void KeepLog() => _ = raw.sqlite3_db_config(_handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    /// <summary>Proves that spends can be written: some pages more, and the log copied back.</summary>
    public void Probe()
    {
        var delete = $"DELETE FROM probe WHERE length(filler) <> {FileMark.Size}";
        // What a failed try has left is room for this one: however often it is tried, the file grows once.
        SpentTokenFile.Run(_connection, $"BEGIN IMMEDIATE; {delete}; INSERT INTO probe VALUES (zeroblob(65536)); COMMIT");
        Checkpoint();
        SpentTokenFile.Run(_connection, delete);
        // The mark's page was written again.
        Checkpoint();
    }

    public void Dispose()
    {
        // Before the connection, which would otherwise stay open, and the file locked, until they are collected.
        foreach (var statement in _statements) statement.Dispose();
        _connection.Dispose();
    }

    private SqliteStatement Prepare(string text)
    {
        var statement = new SqliteStatement(_handle, text);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Leaves nothing in the log: what was copied from it must not be read again beside another file.</summary>
    private void Checkpoint()
    {
        WriteMark();
        var code = raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        if (code != raw.SQLITE_OK) throw new SqliteException(raw.sqlite3_errmsg(_handle).utf8_to_string(), code & 0xff, code);
        _pagesInWal = 0;
    }

    private void WriteMark()
    {
        _begin.Execute();
        SpentTokenFile.Run(_connection, $"DELETE FROM probe WHERE length(filler) = {FileMark.Size}");
        _setMark.Bind(1, Mark.Begin()).Execute();
        _commit.Execute();
        Mark.Done();
    }

    private byte[]? ReadMark()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"SELECT filler FROM probe WHERE length(filler) = {FileMark.Size}";
        return command.ExecuteScalar() as byte[];
    }

    private SqlitePartition? Partition(in SpentToken token, long now)
    {
        if (_partitions.TryGetValue(token.Partition, out var partition))
        {
            if (token.Expires > partition.Expires && partition.State == PartitionState.Open) Update(partition, token.Expires, PartitionState.Open);
            return partition;
        }
        // Nothing is known of the tokens of a key that has expired: they may have been deleted with another file.
        if (token.Expires <= now) return null;
        partition = new SqlitePartition(_partitions.Count + 1, token.Expires, PartitionState.Open);
        Span<byte> issuerKey = stackalloc byte[TokenKeyId.Size];
        token.Partition.CopyTo(issuerKey);
        _addPartition.Bind(1, partition.Id).Bind(2, issuerKey).Bind(3, partition.Expires).Execute();
        _partitions.Add(token.Partition, partition);
        return partition;
    }

    private void Update(SqlitePartition partition, long expires, PartitionState state)
    {
        _setPartition.Bind(1, partition.Id).Bind(2, expires).Bind(3, (long)state).Execute();
        (partition.Expires, partition.State) = (expires, state);
    }

    private void LoadPartitions()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT id, issuer_key, expires, state FROM partition";
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            if (rows[1] is not byte[] { Length: TokenKeyId.Size } issuerKey) throw new ForeignFileException("it is corrupt");
            _partitions.Add(new TokenKeyId(issuerKey), new SqlitePartition(rows.GetInt64(0), rows.GetInt64(2), (PartitionState)rows.GetInt64(3)));
        }
    }
}
