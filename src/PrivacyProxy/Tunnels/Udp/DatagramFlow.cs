namespace PrivacyProxy.Tunnels.Udp;

/// <summary>Takes the payload of an HTTP Datagram; on a thread of the transport's, so it is quick and copies what it keeps.</summary>
internal delegate void DatagramReceiver(ReadOnlySpan<byte> datagram);

/// <summary>The HTTP Datagrams of one request that travel beside its stream (RFC 9297, section 2.1); capsules may come on the stream all the same.</summary>
internal abstract class DatagramFlow
{
    /// <summary>Whether the client takes them.</summary>
    public abstract bool CanSend { get; }

    /// <summary>Datagrams at most between two calls of <see cref="Flush"/>.</summary>
    public abstract int MaxBatch { get; }

    /// <summary>Room for the next one, or one that comes so many later: more than any path takes, of memory that does not move. From here to <see cref="Flush"/> nothing is waited for.</summary>
    public abstract Span<byte> GetSpan(int ahead);

    /// <summary>The next one is the first so many bytes of its room; false when that is all of it, or more than the path takes.</summary>
    public abstract bool TryAdd(int length);

    /// <summary>The next one, which could not be added, is passed over.</summary>
    /// <param name="isLost">Whether it is lost for that, and counted.</param>
    public abstract void Skip(bool isLost);

    /// <summary>Sends those that were added, or drops them as a network does when there are more than the path takes.</summary>
    public abstract void Flush();

    /// <summary>The request is one that has them: those that came early are handed over now, the others as they come.</summary>
    public abstract void Open(DatagramReceiver receiver);

    /// <summary>The request is none that has them: a client that sends one breaks the rules of its stream.</summary>
    public abstract void Refuse();
}
