using System.Net.Sockets;

namespace Masque.Tunnels;

/// <summary>
/// One end of a connect-tcp tunnel, a client's or a server's: the bytes of a TCP connection in the DATA and FINAL_DATA capsules of the stream
/// that an accepted request has become (draft-ietf-httpbis-connect-tcp). Its two directions end apart.
/// </summary>
public sealed class TcpTunnel : IAsyncDisposable
{
    private readonly DataCapsuleStream _stream;

    /// <summary>A tunnel in a stream both ways.</summary>
    /// <param name="stream">What follows the head of an accepted request; disposed with the tunnel.</param>
    public TcpTunnel(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = new DataCapsuleStream(stream);
    }

    /// <summary>The bytes of the TCP connection; asynchronous alone. Its end is the peer's FIN; where the tunnel is cut without one it throws an <see cref="IOException"/>.</summary>
    public Stream Stream => _stream;

    /// <summary>Ends the direction from here, as FIN does; the other one stays open.</summary>
    /// <exception cref="IOException">The tunnel is broken.</exception>
    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken = default) => _stream.CompleteWritesAsync(cancellationToken);

    /// <summary>A server's part: bytes between the tunnel and its target, until both sides have ended.</summary>
    /// <param name="target">A TCP socket that is connected to the target; not disposed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The tunnel, or the connection, is broken.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RelayAsync(Socket target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        await using var far = new NetworkStream(target, ownsSocket: false);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ways = new[] { UpAsync(far, target, broken.Token), DownAsync(far, broken.Token) };
        var first = await Task.WhenAny(ways);
        // One that failed ends the other: there is nobody left to end it in order.
        if (!first.IsCompletedSuccessfully) await broken.CancelAsync();
        await Task.WhenAll(ways).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
        await Task.WhenAll(ways);
    }

    /// <summary>Ends the tunnel; before both directions have ended, the peer takes it for a cut.</summary>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task UpAsync(NetworkStream far, Socket target, CancellationToken cancellationToken)
    {
        await _stream.CopyToAsync(far, cancellationToken);
        target.Shutdown(SocketShutdown.Send);
    }

    private async Task DownAsync(NetworkStream far, CancellationToken cancellationToken)
    {
        await far.CopyToAsync(_stream, cancellationToken);
        await _stream.CompleteWritesAsync(cancellationToken);
    }
}
