using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Wire;
using Tunneling.Loops;

namespace PrivacyProxy.SpentTokens;

/// <summary>An event loop of the tunnels, as a store sees it.</summary>
internal sealed class TunnelCheckLoop : CheckLoop
{
    private readonly EventLoop _loop;

    public TunnelCheckLoop(EventLoop loop)
    {
        _loop = loop;
        // Work of one thread keeps its order: every check that is posted later finds it done.
        loop.Post(static loop => ((TunnelCheckLoop)loop!).Enter(), this);
    }

    public override void Post(SendOrPostCallback callback, object? state) => _loop.Post(callback, state);

    public override void Read(MemcachedLink link, SocketTransport transport) => LoopReader.Start(link, _loop, transport);
}
