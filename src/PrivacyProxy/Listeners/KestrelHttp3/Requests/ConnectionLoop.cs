using Tunneling.Loops;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>
/// The loop on which a connection's sockets of UDP are read and written: one, so that what comes for its tunnels together goes out together.
/// Any thread.
/// </summary>
internal sealed class ConnectionLoop(ILoopSource source) : IDisposable
{
    private readonly Lock _lock = new();
    private EventLoop? _loop;
    private bool _isDisposed;

    /// <summary>The one that had the fewest connections when it was first asked for; null where none are used.</summary>
    public EventLoop? Find()
    {
        lock (_lock)
        {
            if (_loop is not null || _isDisposed) return _loop;
            _loop = source.Loops.MinBy(static loop => loop.Connections);
            _loop?.CountConnection(1);
            return _loop;
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _loop?.CountConnection(-1);
        }
    }
}
