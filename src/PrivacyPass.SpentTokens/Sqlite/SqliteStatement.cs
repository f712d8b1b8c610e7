using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>A prepared statement that is run again and again without allocating. Parameters are numbered from 1.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <exception cref="SqliteException">It cannot be prepared.</exception>
    public SqliteStatement(sqlite3 database, string text)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, text, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    /// <summary>Runs it to its end; the rows it changed.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public int Execute()
    {
        Step();
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs it; whether it gave a row.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public bool Any() => Step() == raw.SQLITE_ROW;

    public void Dispose() => _statement.Dispose();

    private int Step()
    {
        var code = raw.sqlite3_step(_statement);
        // The same code again: it is told by the step.
        _ = raw.sqlite3_reset(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE)) Check(code);
        return code;
    }

    private void Check(int code)
    {
        if (code == raw.SQLITE_OK) return;
        var extended = raw.sqlite3_extended_errcode(_database);
        throw new SqliteException(raw.sqlite3_errmsg(_database).utf8_to_string(), code & 0xff, (extended & 0xff) == (code & 0xff) ? extended : code);
    }
}
