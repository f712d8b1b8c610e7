using System.Net;

namespace MsQuic.Native;

/// <summary>What a listener is told; on libmsquic's threads, and quick.</summary>
internal interface IListenerEvents
{
    /// <summary>False refuses it.</summary>
    bool OnNewConnection(nint connection, string serverName, IPEndPoint? remote);
}

/// <summary>What a connection is told; one call at a time, on libmsquic's threads, and quick.</summary>
internal interface IConnectionEvents
{
    void OnConnected(ReadOnlySpan<byte> protocol);

    void OnShutdownByTransport(uint status, long code);

    void OnShutdownByPeer(long code);

    /// <summary>The last.</summary>
    void OnShutdownComplete();

    void OnPeerAddressChanged(IPEndPoint address);

    void OnStreamStarted(nint stream, bool bidirectional);

    /// <param name="maxLength">0 when the peer takes none.</param>
    void OnDatagramState(int maxLength);

    void OnDatagram(ReadOnlySpan<byte> datagram);

    void OnDatagramSent(bool wasSent);

    /// <returns>A status; <see cref="Status.Pending"/> when the answer comes later.</returns>
    uint OnCertificate(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> chain);
}

/// <summary>What a stream is told; one call at a time with those of its connection, on libmsquic's threads, and quick.</summary>
internal interface IStreamEvents
{
    void OnStarted(uint status, long id, bool isAccepted);

    /// <summary>The peer's limit has room for it.</summary>
    void OnAccepted();

    /// <summary>True keeps the bytes until they are given back; no more come before that.</summary>
    bool OnReceived(ReadOnlySpan<NativeBuffer> buffers, long length, bool isEnd);

    void OnSent(nint context, bool wasCanceled);

    void OnPeerFinished();

    void OnPeerReset(long code);

    void OnPeerStopped(long code);

    void OnSendShutdown();

    /// <summary>The last.</summary>
    void OnShutdownComplete(bool withConnection);

    void OnIdealSendBuffer(long bytes);
}
