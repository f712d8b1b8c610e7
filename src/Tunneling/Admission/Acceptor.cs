using System.Net.Sockets;

namespace Tunneling.Admission;

/// <summary>
/// Accepts connections only while the registry has room. Where descriptors run out all the same, it makes some and goes on:
/// accepting again at once would fail again at once, for ever.
/// </summary>
/// <param name="listener">Listens already; its owner disposes it, which ends the accepting.</param>
/// <param name="registry">Who decides.</param>
/// <param name="time">The clock of the pauses.</param>
internal sealed class Acceptor(Socket listener, ConnectionRegistry registry, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The next connection, not yet admitted; null once the listener is disposed or <paramref name="cancellationToken"/> fires.</summary>
    public async ValueTask<Socket?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                while (registry.UntilRoom() is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
                var socket = await listener.AcceptAsync(cancellationToken);
                if (IsWithinBudget(socket)) return socket;
                socket.Close(0);
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (SocketException e)
            {
                // Else one connection broke while it waited to be accepted: the next may do.
                if (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable) registry.ShedOldest(ShedReason.Descriptors);
                try
                {
                    await Task.Delay(_pause, time, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    return null;
                }
            }
        }
    }

    /// <summary>Looks at the number: the lowest free one was taken, so it tells how many descriptors are open, whoever opened them.</summary>
    private bool IsWithinBudget(Socket socket) =>
        socket.SafeHandle.DangerousGetHandle() < registry.Limits.FirstReservedDescriptor || registry.ShedOldest(ShedReason.Descriptors);
}
