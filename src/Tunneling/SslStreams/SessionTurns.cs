using System.Diagnostics.CodeAnalysis;
using System.Net.Security;

namespace Tunneling.SslStreams;

/// <summary>
/// Whose turn it is at an <see cref="SslStream"/>'s session. Its reads and writes lock the session, its ShutdownAsync does not (.NET 10 on OpenSSL),
/// and asks SSL_shutdown twice, which reads: beside a read of another thread that breaks the session, and bytes on their way are lost. So a read
/// holds the turn except while it waits for the network, and a shutdown waits for it.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
internal sealed class SessionTurns
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    // One reads at a time, and only it asks.
    private bool _isReading;

    /// <summary>Before a read of the SslStream.</summary>
    public async ValueTask BeginReadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        _isReading = true;
    }

    /// <summary>After it.</summary>
    public void EndRead()
    {
        _isReading = false;
        _turn.Release();
    }

    /// <summary>While the SslStream waits for the network. False: it does so outside of a read, and <see cref="ResumeAsync"/> is not to follow.</summary>
    public bool Yield()
    {
        if (!_isReading) return false;
        _turn.Release();
        return true;
    }

    /// <summary>When the network has answered.</summary>
    public Task ResumeAsync() => _turn.WaitAsync();

    /// <summary>Sends close_notify; reads go on.</summary>
    /// <param name="shutdown">The SslStream's own.</param>
    public async Task ShutdownAsync(Func<Task> shutdown)
    {
        await _turn.WaitAsync();
        Task sending;
        try
        {
            // The session is asked at once; what comes later is the network's, which may wait for our reads.
            sending = shutdown();
        }
        finally
        {
            _turn.Release();
        }

        await sending;
    }
}
