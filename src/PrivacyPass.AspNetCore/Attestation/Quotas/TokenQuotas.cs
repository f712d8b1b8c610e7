using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace PrivacyPass.AspNetCore.Attestation.Quotas;

/// <summary>
/// What each holder has had of its quota in fixed windows of time: in a file, which several processes of one machine may share, or in
/// memory. Holders are kept as keyed hashes, and until their windows are over. Safe for concurrent use.
/// </summary>
internal sealed class TokenQuotas : IDisposable
{
    private static readonly TimeSpan _tidying = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly SteadyTimeProvider _time;
    private readonly byte[] _secret;
    private readonly SqliteCommand _take;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _mend;
    private readonly SqliteCommand _giveBack;
    private readonly SqliteCommand _delete;
    private long _tidied;

    /// <param name="file">Where they are kept; null for in memory.</param>
    /// <param name="time">Where the wall clock jumps, the time that has passed is believed.</param>
    /// <exception cref="InvalidDataException">The file cannot be used; the message says why.</exception>
    public TokenQuotas(string? file, TimeProvider time)
    {
        _time = time as SteadyTimeProvider ?? new SteadyTimeProvider(time);
        _tidied = Now;
        _connection = QuotaFile.Open(file);
        try
        {
            _secret = QuotaFile.Secret(_connection);
            // An upsert is one step for other processes too. Its expressions read the row as it was.
            _take = Command("""
                INSERT INTO quota (holder, started, ends, used) VALUES ($holder, $now, $now + $window, $count)
                ON CONFLICT (holder) DO UPDATE SET
                  used = CASE WHEN started + $window > $now THEN used + $count ELSE $count END,
                  started = CASE WHEN started + $window > $now THEN min(started, $now) ELSE $now END,
                  ends = CASE WHEN started + $window > $now THEN min(started, $now) ELSE $now END + $window
                WHERE started + $window <= $now OR used + $count <= $limit
                """, "$holder", "$now", "$window", "$count", "$limit");
            _find = Command("SELECT started FROM quota WHERE holder = $holder", "$holder");
            _mend = Command("UPDATE quota SET started = $now, ends = $now + $window WHERE holder = $holder", "$holder", "$now", "$window");
            _giveBack = Command("UPDATE quota SET used = max(0, used - $count) WHERE holder = $holder", "$holder", "$count");
            _delete = Command("DELETE FROM quota WHERE ends <= $now", "$now");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes so many tokens, all or none.</summary>
    /// <returns>Null when they are taken; else how long it is until the next window.</returns>
    /// <exception cref="SqliteException">It cannot be counted now.</exception>
    public TimeSpan? Take(TokenHolder holder, int count)
    {
        if (holder.Tokens is not { } limit) return null;
        var (key, now, window) = (KeyOf(holder), Now, (long)holder.Window.TotalMilliseconds);
        lock (_gate)
        {
            Tidy(now);
            if (count <= limit && Run(_take, key, now, window, count, limit) > 0) return null;
            _find.Parameters[0].Value = key;
            var started = _find.ExecuteScalar() as long? ?? now;
            // A clock that was ahead and has been set right must lock nobody out.
            if (started > now) Run(_mend, key, now, window);
            return TimeSpan.FromMilliseconds(Math.Clamp(started + window - now, 1, window));
        }
    }

    /// <summary>Gives tokens back that were taken and not issued.</summary>
    /// <exception cref="SqliteException">It cannot be counted now.</exception>
    public void GiveBack(TokenHolder holder, int count)
    {
        if (holder.Tokens is null) return;
        lock (_gate) Run(_giveBack, KeyOf(holder), count);
    }

    /// <summary>Whether it can be counted: a sentence that says why not, else null.</summary>
    public string? Fault()
    {
        lock (_gate)
        {
            try
            {
                using var transaction = _connection.BeginTransaction(deferred: false);
                transaction.Rollback();
                return null;
            }
            catch (SqliteException e)
            {
                return $"The quotas cannot be counted: {e.Message}";
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var command in new[] { _take, _find, _mend, _giveBack, _delete }) command.Dispose();
            _connection.Dispose();
        }
    }

    private static int Run(SqliteCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command.ExecuteNonQuery();
    }

    private byte[] KeyOf(TokenHolder holder) => HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"{holder.Kind}\0{holder.Identity}"));

    /// <summary>Nothing is kept of who asked once it does not count any more.</summary>
    private void Tidy(long now)
    {
        if (now - _tidied < (long)_tidying.TotalMilliseconds) return;
        _tidied = now;
        Run(_delete, now);
    }

    private SqliteCommand Command(string text, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter(name, null));
        return command;
    }
}
