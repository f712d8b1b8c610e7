using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace PrivacyPass.AspNetCore.Attestation.Quotas;

/// <summary>Opens the file of quotas, and makes sure that it is one before it changes anything in it.</summary>
internal static class QuotaFile
{
    /// <summary>"PPQU", which names the format in the header of the file.</summary>
    private const long ApplicationId = 0x50505155;

    private const long SchemaVersion = 1;

    // Enough for a checkpoint of another process.
    private const int BusyTimeout = 2000;

    /// <param name="file">Null for one in memory.</param>
    /// <exception cref="InvalidDataException">It cannot be used.</exception>
    public static SqliteConnection Open(string? file)
    {
        SqliteConnection? connection = null;
        try
        {
            if (file is not null) CreatePrivate(file);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                // In full, so that a name such as ":memory:" is one.
                DataSource = file is null ? ":memory:" : Path.GetFullPath(file),
                Mode = file is null ? SqliteOpenMode.Memory : SqliteOpenMode.ReadWrite,
                Pooling = false,
                // The least there is: SQLite's own busy timeout does the waiting.
                DefaultTimeout = 1,
            }.ConnectionString);
            connection.Open();
            // A count that a power failure loses gives somebody a few tokens more; one that a crash of ours loses is not lost.
            Run(connection, $"PRAGMA busy_timeout={BusyTimeout}; PRAGMA trusted_schema=OFF; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
            Prepare(connection);
            return connection;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            connection?.Dispose();
            throw new InvalidDataException($"\"{file}\" cannot be used for quotas: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", e);
        }
    }

    /// <summary>What holders are hashed with: made with the file, so that names and keys cannot be tried against it without it.</summary>
    public static byte[] Secret(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM secret";
        return (byte[])command.ExecuteScalar()!;
    }

    private static void CreatePrivate(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(file, options).Dispose();
    }

    /// <summary>All of it or nothing, and once, should two processes start on a new file.</summary>
    private static void Prepare(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var application = Number(connection, transaction, "PRAGMA application_id");
        if (application == 0 && Number(connection, transaction, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"""
                CREATE TABLE quota (holder BLOB PRIMARY KEY, started INTEGER NOT NULL, ends INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE secret (value BLOB NOT NULL);
                INSERT INTO secret VALUES ($secret);
                PRAGMA application_id={ApplicationId};
                PRAGMA user_version={SchemaVersion};
                """;
            command.Parameters.AddWithValue("$secret", RandomNumberGenerator.GetBytes(32));
            command.ExecuteNonQuery();
            transaction.Commit();
            return;
        }

        if (application != ApplicationId) throw new InvalidDataException($"it is a SQLite database of another program (application_id {application})");
        if (Number(connection, transaction, "PRAGMA user_version") is not SchemaVersion and var version) throw new InvalidDataException($"its schema version is {version}, this program's {SchemaVersion}");
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
