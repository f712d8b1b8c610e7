using System.Threading.Channels;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>Opens tunnels that lead to the test.</summary>
internal sealed class FakeDatagramDialer : IDatagramDialer
{
    private readonly Channel<FakeDatagramTunnel> _opened = Channel.CreateUnbounded<FakeDatagramTunnel>();
    private int _calls;

    /// <summary>How often a tunnel was asked for.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Decides on each; null opens it.</summary>
    public Func<string, Task<TunnelError?>> Answer { get; set; } = static _ => Task.FromResult<TunnelError?>(null);

    /// <summary>The next tunnel that was opened.</summary>
    public Task<FakeDatagramTunnel> OpenedAsync() => _opened.Reader.ReadAsync().AsTask().WaitAsync(TestRelay.Patience);

    public async ValueTask<IDatagramTunnel> OpenUdpAsync(Destination destination, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (await Answer(destination.Authority).WaitAsync(cancellationToken) is { } error) throw new TunnelException(error, "The test refuses.");
        var tunnel = new FakeDatagramTunnel(destination.Authority);
        _opened.Writer.TryWrite(tunnel);
        return tunnel;
    }
}
