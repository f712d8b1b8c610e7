using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Sqlite;

/// <summary>A folder with a file of spent tokens, stores over it, and what they log.</summary>
internal sealed class SqliteSetup : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public FakeTimeProvider Time { get; } = TestTokens.Clock();

    public LineLogger Log { get; } = new();

    public SqliteSpentTokenOptions Options { get; } = new() { BusyTimeout = TimeSpan.Zero, Deadline = TimeSpan.FromMinutes(1) };

    public string File => Options.File ??= _directory.File("spent.db");

    public long Later => Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();

    public string PathOf(string name) => _directory.File(name);

    public SqliteSpentTokenStore Open()
    {
        _ = File;
        return SqliteSpentTokenStore.Open(Options, Time, Log);
    }

    /// <summary>Asks the file itself; the store must be closed.</summary>
    public long Number(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until something holds that no test can foresee the moment of.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds()) await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>Keeps what is logged.</summary>
    internal sealed class LineLogger : ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
        }
    }
}
