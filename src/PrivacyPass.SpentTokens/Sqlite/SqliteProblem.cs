using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>SQLite's error codes in the operator's words.</summary>
internal static class SqliteProblem
{
    /// <summary>What is wrong, in a few words.</summary>
    public static string Reason(Exception exception) => exception is SqliteException sqlite ? Reason(sqlite) : exception.Message.ReplaceLineEndings(" ");

    private static string Reason(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another process has locked it",
        raw.SQLITE_ERROR => "its tables are not those expected",
        raw.SQLITE_NOTADB => "it is not a SQLite database",
        raw.SQLITE_CORRUPT => "it is corrupt",
        raw.SQLITE_CANTOPEN => "the file or its directory is missing or not accessible",
        raw.SQLITE_READONLY or raw.SQLITE_PERM => "the file or its directory is not writable",
        raw.SQLITE_FULL => "the disk, or the size it may have, is full",
        raw.SQLITE_IOERR => $"input/output error {exception.SqliteExtendedErrorCode}",
        var code => $"SQLite error {code}",
    };
}
