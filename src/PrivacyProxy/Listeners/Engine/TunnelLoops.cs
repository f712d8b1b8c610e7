using Microsoft.Extensions.Options;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>The event loops of the process, started when the first listener needs them.</summary>
internal sealed partial class TunnelLoops : IDisposable
{
    private readonly ILogger<TunnelLoops> _logger;
    private readonly Lazy<LoopGroup> _group;
    private readonly bool _isWanted;

    public TunnelLoops(IOptions<ListenerOptions> options, ILogger<TunnelLoops> logger)
    {
        _logger = logger;
        _isWanted = options.Value.Engine == ListenerEngine.Native;
        var count = options.Value.Loops > 0 ? options.Value.Loops : Environment.ProcessorCount;
        _group = new Lazy<LoopGroup>(() => new LoopGroup(count, exception => LogFailure(exception.GetType().Name)));
    }

    /// <summary>Whether listeners should use them.</summary>
    public bool AreUsed
    {
        get
        {
            if (_isWanted && !OperatingSystem.IsLinux()) LogFallback();
            return _isWanted && OperatingSystem.IsLinux();
        }
    }

    public LoopGroup Group => _group.Value;

    public void Dispose()
    {
        if (_group.IsValueCreated) _group.Value.Dispose();
    }

    // The type only: a message could hold an address.
    [LoggerMessage(EventId = 2802, Level = LogLevel.Error, Message = "A connection failed inside the engine: {ExceptionType}. It was closed; the others go on.")]
    private partial void LogFailure(string exceptionType);

    [LoggerMessage(EventId = 2803, Level = LogLevel.Warning, Message = "Listeners:Engine Native runs on Linux only: Kestrel serves instead.")]
    private partial void LogFallback();
}
