using System.Collections.Concurrent;
using Tunneling.Loops;

namespace PrivacyProxy.Tests.Tunnels.Udp;

/// <summary>Where a tunnel runs: on the pool, or on a loop of its own, in which nothing may fail and nothing be left watched.</summary>
public sealed class UdpThread : IDisposable
{
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly EventLoop? _loop;

    private UdpThread(bool isLoop) => _loop = isLoop ? new EventLoop("test", _failures.Enqueue) : null;

    public static UdpThread Pool() => new(isLoop: false);

    public static UdpThread Loop() => new(isLoop: true);

    public Task<T> Run<T>(Func<Task<T>> run)
    {
        if (_loop is null) return run();
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(_ => { _ = TellAsync(); }, null);
        return result.Task;

        async Task TellAsync()
        {
            try
            {
                result.SetResult(await run());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        }
    }

    public void Dispose()
    {
        if (_loop is null) return;
        var watched = Run(() => Task.FromResult(_loop.Watched)).GetAwaiter().GetResult();
        _loop.Dispose();
        Assert.Empty(_failures);
        Assert.Equal(0, watched);
    }
}
