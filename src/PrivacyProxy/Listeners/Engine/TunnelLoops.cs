using Microsoft.Extensions.Options;
using Tunneling.Loops;
using Tunneling.Native;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>The event loops of the process, started when the first listener needs them.</summary>
internal sealed partial class TunnelLoops : ILoopSource, IDisposable
{
    private readonly ILogger<TunnelLoops> _logger;
    private readonly Lazy<LoopGroup> _group;
    private readonly bool _isWanted;
    private bool _isFallbackTold;
    private bool _isTlsFallbackTold;

    public TunnelLoops(IOptions<ListenerOptions> options, ILogger<TunnelLoops> logger)
    {
        _logger = logger;
        _isWanted = options.Value.Engine == ListenerEngine.Native;
        var count = options.Value.Loops > 0 ? options.Value.Loops : Environment.ProcessorCount;
        _group = new Lazy<LoopGroup>(() => new LoopGroup(count, exception => LogFailure(exception.GetType().Name)));
    }

    /// <summary>Why connections over TLS cannot be served here, null when they can; tests set it.</summary>
    internal string? TlsProblem { get; set; } = OperatingSystem.IsLinux() ? OpenSslLibrary.Problem : null;

    /// <summary>Whether a listener should use them; says so when it wants to and cannot.</summary>
    /// <param name="tls">Whether it is one over TLS.</param>
    public bool AreUsed(bool tls)
    {
        if (!_isWanted) return false;
        if (!OperatingSystem.IsLinux()) TellOnce(ref _isFallbackTold, LogFallback);
        else if (tls && TlsProblem?.TrimEnd('.') is { } problem) TellOnce(ref _isTlsFallbackTold, () => LogTlsFallback(problem));
        else return true;
        return false;
    }

    public LoopGroup Group => _group.Value;

    public IReadOnlyList<EventLoop> Loops => _isWanted && OperatingSystem.IsLinux() ? Group.Loops : [];

    public void Dispose()
    {
        if (_group.IsValueCreated) _group.Value.Dispose();
    }

    private static void TellOnce(ref bool isTold, Action tell)
    {
        if (isTold) return;
        isTold = true;
        tell();
    }

    // The type only: a message could hold an address.
    [LoggerMessage(EventId = 2802, Level = LogLevel.Error, Message = "A connection failed inside the engine: {ExceptionType}. It was closed; the others go on.")]
    private partial void LogFailure(string exceptionType);

    [LoggerMessage(EventId = 2803, Level = LogLevel.Information, Message = "Listeners:Engine Native runs on Linux only: Kestrel serves instead.")]
    private partial void LogFallback();

    [LoggerMessage(EventId = 2805, Level = LogLevel.Information, Message = "Listeners:Engine Native cannot serve https addresses here ({Reason}): Kestrel serves those.")]
    private partial void LogTlsFallback(string reason);
}
