using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>Opens the file for this process alone and makes sure that it is a file of spent tokens, before it changes anything in it.</summary>
internal static class SpentTokenFile
{
    /// <summary>"PPST", which names the format in the header of the file.</summary>
    public const int ApplicationId = 0x50505354;

    /// <summary>What stands in user_version. One that is changed in a way older programs cannot read has a higher one, and they refuse the file.</summary>
    public const int SchemaVersion = 1;

    /// <summary>Small: a spend changes one leaf at random, and each changed page is written to the log as a whole.</summary>
    private const int PageSize = 1024;

    private const int CacheKilobytes = 65_536;

    private static readonly TimeSpan _longestVerification = TimeSpan.FromSeconds(5);

    private const string Schema = """
        CREATE TABLE partition (
          id INTEGER PRIMARY KEY,
          issuer_key BLOB NOT NULL UNIQUE,
          expires INTEGER NOT NULL,
          state INTEGER NOT NULL);
        CREATE TABLE spent (
          partition INTEGER NOT NULL,
          key BLOB NOT NULL,
          PRIMARY KEY (partition, key)) WITHOUT ROWID;
        CREATE TABLE probe (filler BLOB);
        """;

    /// <param name="options">Where it is and how it is written.</param>
    /// <param name="create">False for a file that was there before: should it have vanished, an empty one must not take its place.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="ForeignFileException">It is not ours.</exception>
    public static SqliteConnection Open(SqliteSpentTokenOptions options, bool create)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            // In full, so that ":memory:" and URIs are names like any other.
            DataSource = Path.GetFullPath(options.File!),
            Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
            // The least there is: SQLite's own busy timeout does the waiting.
            DefaultTimeout = 1,
        }.ConnectionString);
        try
        {
            connection.Open();
            Run(connection, $"PRAGMA busy_timeout={(int)options.BusyTimeout.TotalMilliseconds}");
            Run(connection, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON");
            var isNew = Examine(connection, create);
            Configure(connection, options);
            if (isNew) Create(connection);
            else if (create) Verify(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? number : 0;
    }

    /// <summary>Reads only. True when there is nothing in the file yet.</summary>
    private static bool Examine(SqliteConnection connection, bool create)
    {
        var tables = Number(connection, "SELECT count(*) FROM sqlite_schema");
        var application = Number(connection, "PRAGMA application_id");
        if (create && tables == 0 && application == 0) return true;
        if (application != ApplicationId) throw new ForeignFileException($"it is a SQLite database of another program (application_id {application})");
        var version = Number(connection, "PRAGMA user_version");
        if (version > SchemaVersion) throw new ForeignFileException($"a newer version of this program has written it: its schema version is {version}, this program's {SchemaVersion}");
        if (version != SchemaVersion) throw new ForeignFileException($"its schema version is {version}, this program's {SchemaVersion}");
        return false;
    }

    private static void Configure(SqliteConnection connection, SqliteSpentTokenOptions options)
    {
        Run(connection, $"PRAGMA page_size={PageSize}");
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "PRAGMA journal_mode=WAL";
            if (command.ExecuteScalar() as string != "wal") throw new ForeignFileException("its file system cannot do write-ahead logging");
        }
        var synchronous = options.Synchronous switch { SqliteSynchronous.Extra => "EXTRA", SqliteSynchronous.Full => "FULL", _ => "NORMAL" };
        // Checkpoints are made between transactions, see SpentTokenDatabase.
        Run(connection, $"PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-{CacheKilobytes}");
        var pageSize = Number(connection, "PRAGMA page_size");
        if (options.MaximumSize > 0) Run(connection, $"PRAGMA max_page_count={options.MaximumSize / pageSize}");
    }

    /// <summary>Looks for broken pages, for a bounded time: of a file of many gigabytes it sees only a part.</summary>
    private static void Verify(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        using var timer = new Timer(static handle => raw.sqlite3_interrupt((sqlite3)handle!), connection.Handle, _longestVerification, Timeout.InfiniteTimeSpan);
        try
        {
            if (command.ExecuteScalar() as string != "ok") throw new ForeignFileException("it is corrupt");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT) { }
    }

    /// <summary>All of it or nothing: a process that ends in between leaves a file that counts as new.</summary>
    private static void Create(SqliteConnection connection) =>
        Run(connection, $"BEGIN IMMEDIATE; {Schema} PRAGMA application_id={ApplicationId}; PRAGMA user_version={SchemaVersion}; COMMIT");
}
