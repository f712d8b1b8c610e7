using Microsoft.Data.Sqlite;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>
/// Spent tokens in a SQLite file of this machine, which this process has to itself. A spend is
/// <see cref="SpendOutcome.Fresh"/> only after its transaction has been committed.
/// </summary>
internal sealed class SqliteSpentTokenStore : ISpentTokenStore, ISpentTokenGauges
{
    private readonly SpendQueue _queue;
    private readonly SpentTokenWriter _writer;
    private readonly IDisposable? _observed;

    private SqliteSpentTokenStore(SpentTokenDatabase database, SqliteSpentTokenOptions options, TimeProvider time, ILogger logger, ISpentTokenMetrics? metrics)
    {
        _queue = new SpendQueue(options.QueueCapacity, options.Deadline);
        _writer = new SpentTokenWriter(database, options, _queue, time, logger, metrics);
        _observed = metrics?.Observe(this);
    }

    public string Name => "sqlite";

    public bool LooksUpFirst => false;

    public bool IsReady => _writer.IsReady;

    /// <summary>How many transactions its spends took.</summary>
    public long Transactions => _writer.Transactions;

    public long InFlight => _queue.InFlight;

    /// <exception cref="SpentTokenFileException">The file cannot be used.</exception>
    public static SqliteSpentTokenStore Open(SqliteSpentTokenOptions options, TimeProvider time, ILogger logger, ISpentTokenMetrics? metrics = null)
    {
        try
        {
            return new SqliteSpentTokenStore(new SpentTokenDatabase(options), options, time, logger, metrics);
        }
        catch (Exception exception) when (exception is SqliteException or ForeignFileException)
        {
            throw new SpentTokenFileException(options.File, SqliteProblem.Reason(exception));
        }
    }

    public ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken) => Ask(token, spends: false);

    /// <remarks>A spend that has been asked for cannot be taken back, so there is nothing to cancel; the deadline bounds it.</remarks>
    public ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken) => Ask(token, spends: true);

    public ValueTask DisposeAsync()
    {
        _observed?.Dispose();
        _queue.Close();
        _writer.Dispose();
        _queue.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask<SpendOutcome> Ask(SpentToken token, bool spends) =>
        _writer.IsReady ? _queue.Ask(token, spends) : new(SpendOutcome.Unavailable);
}
