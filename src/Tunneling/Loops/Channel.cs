using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>Told on the loop's thread that a channel's <see cref="Channel.CanRead"/> or <see cref="Channel.CanWrite"/> may have become true, or that it broke.</summary>
internal interface IChannelHandler
{
    /// <summary>Told once for what may be several changes: look at the channel. May close it.</summary>
    void OnReady(Channel channel);
}

/// <summary>
/// One end of a connection, as bytes: plain TCP (<see cref="SocketChannel"/>) or TLS over it. Belongs to one loop, and everything is called
/// on its thread. Nothing blocks and nothing throws for what the peer or the network does: that is an <see cref="IoResult"/>.
/// <para>
/// Edge-triggered: <see cref="IChannelHandler.OnReady"/> comes only after a read or a write that moved less than it could, so read while
/// <see cref="CanRead"/>, or remember that you did not (post yourself to the loop to go on after others had their turn).
/// </para>
/// </summary>
internal abstract class Channel(EventLoop loop) : Watcher
{
    public EventLoop Loop => loop;

    /// <summary>Who is told of changes; null for nobody: then they are only remembered.</summary>
    public IChannelHandler? Handler { get; set; }

    /// <summary>False once <see cref="Read"/> has found nothing, until something comes.</summary>
    public abstract bool CanRead { get; }

    /// <summary>False once <see cref="Write"/> found no room for everything, until there is some.</summary>
    public abstract bool CanWrite { get; }

    /// <summary>True when a read could find the peer's end, which a waiting owner who does not read should look for.</summary>
    public abstract bool MayHaveEnded { get; }

    /// <summary>True when the connection broke, also for one who neither reads nor writes now.</summary>
    public abstract bool IsBroken { get; }

    public bool IsClosed { get; protected set; }

    /// <summary>The address of the other end.</summary>
    public abstract SocketAddress Peer { get; }

    /// <summary>Reads what there is, up to the size of <paramref name="bytes"/>, which is not empty.</summary>
    public abstract IoResult Read(Span<byte> bytes);

    /// <summary>Takes as many bytes as there is room for; those it takes are sent in order, whatever happens but a broken connection.</summary>
    public abstract IoResult Write(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Ends this direction in order, after everything that was taken: a FIN, or close_notify. The other goes on. <see cref="IoStatus.End"/>: done;
    /// <see cref="IoStatus.WouldBlock"/>: call it again when <see cref="CanWrite"/>.
    /// </summary>
    public abstract IoResult ShutdownWrite();

    /// <summary>Closes at once, in order as far as that is possible without waiting. Again does nothing. The handler hears no more.</summary>
    public abstract void Close();

    /// <summary>Breaks the connection: the peer gets a RST. Again does nothing. The handler hears no more.</summary>
    public abstract void Abort();

    internal sealed override void OnAbandoned() => Abort();
}
