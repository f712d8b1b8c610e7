using Tunneling.Http2.Requests;

namespace Tunneling.Http2;

/// <summary>One stream: what both sides may still send, and nothing of its request.</summary>
internal sealed class Http2Stream
{
    internal Http2Stream(int id, int sendWindow, int receiveWindow, long now)
    {
        Id = id;
        SendWindow = sendWindow;
        ReceiveWindow = receiveWindow;
        Credit = receiveWindow;
        WindowGivenAt = now;
    }

    public int Id { get; }

    /// <summary>Whose stream it is: free for whoever takes the events.</summary>
    public object? Owner { get; set; }

    /// <summary>Told of trailers, good until it returns, before it is told of the end; null where nobody wants them.</summary>
    public Action<RequestHead>? TrailersRead { get; set; }

    /// <summary>Opened by CONNECT: only DATA may follow.</summary>
    public bool IsConnect { get; internal init; }

    /// <summary>Opened before the client had acknowledged the settings.</summary>
    public bool IsEarly { get; internal init; }

    /// <summary>The client has sent all it will.</summary>
    public bool IsRemoteEnded { get; internal set; }

    /// <summary>We have.</summary>
    public bool IsLocalEnded { get; internal set; }

    /// <summary>Ended by both sides, or reset by one.</summary>
    public bool IsClosed { get; internal set; }

    /// <summary>The final answer was begun.</summary>
    public bool IsAnswered { get; internal set; }

    /// <summary>Bytes that may be sent as far as this stream goes; negative after the peer lowered its settings.</summary>
    public int SendWindow { get; internal set; }

    /// <summary>The whole window: credit, held and unreturned bytes together.</summary>
    public int ReceiveWindow { get; internal set; }

    /// <summary>What the client may still send; negative where it has sent before it had read the settings.</summary>
    public int Credit { get; internal set; }

    /// <summary>Received and not consumed.</summary>
    public int Held { get; internal set; }

    /// <summary>Consumed, not yet given back.</summary>
    public int Unreturned { get; internal set; }

    internal long WindowGivenAt { get; set; }

    /// <summary>What content-length still promises; -1 when nothing does.</summary>
    internal long ContentLeft { get; set; } = -1;

    internal Http2Stream? NextSender { get; set; }

    internal bool IsQueued { get; set; }

    /// <summary>Has something to send and no window for it.</summary>
    internal bool IsBlocked { get; set; }
}
