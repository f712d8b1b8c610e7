using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace PrivacyProxy.Configuration;

/// <summary>The options in force. A changed file is read as a whole; one that is invalid changes nothing and is reported.</summary>
internal sealed partial class LiveOptions<T> : IOptionsMonitor<T>, IOptions<T>, IDisposable where T : class, new()
{
    private readonly IConfigurationSection _section;
    private readonly ILogger<LiveOptions<T>> _logger;
    private readonly IDisposable _subscription;
    private readonly Lock _gate = new();
    private Action<T, string?>? _changed;
    private volatile T _current;

    /// <exception cref="InvalidConfigurationException">The configuration is invalid.</exception>
    public LiveOptions(IConfiguration configuration, string section, ILogger<LiveOptions<T>> logger)
    {
        _section = configuration.GetSection(section);
        _logger = logger;
        _current = OptionsReader.Read<T>(_section);
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public T CurrentValue => _current;

    public T Value => _current;

    public T Get(string? name) => _current;

    public IDisposable OnChange(Action<T, string?> listener)
    {
        lock (_gate) _changed += listener;
        return new Subscription(this, listener);
    }

    public void Dispose() => _subscription.Dispose();

    private void Reload()
    {
        try
        {
            var next = OptionsReader.Read<T>(_section);
            Action<T, string?>? changed;
            lock (_gate)
            {
                _current = next;
                changed = _changed;
            }
            changed?.Invoke(next, Options.DefaultName);
            LogReloaded();
        }
        catch (InvalidConfigurationException exception)
        {
            LogRefused(exception.Message);
        }
        catch (Exception exception)
        {
            // Runs on the file watcher's thread: whatever a listener does wrong must not end the process.
            LogFailed(exception);
        }
    }

    private void Unsubscribe(Action<T, string?> listener)
    {
        lock (_gate) _changed -= listener;
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "Configuration reloaded.")]
    private partial void LogReloaded();

    [LoggerMessage(EventId = 2102, Level = LogLevel.Error, Message = "Changed configuration is invalid and is not applied: {Problem}")]
    private partial void LogRefused(string problem);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Error, Message = "Changed configuration could not be applied.")]
    private partial void LogFailed(Exception exception);

    private sealed class Subscription(LiveOptions<T> owner, Action<T, string?> listener) : IDisposable
    {
        public void Dispose() => owner.Unsubscribe(listener);
    }
}
