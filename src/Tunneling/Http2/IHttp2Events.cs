using Tunneling.Http2.Frames;
using Tunneling.Http2.Requests;

namespace Tunneling.Http2;

/// <summary>What a connection tells while it takes bytes in. Every call may answer, reset and consume at once.</summary>
internal interface IHttp2Events
{
    /// <summary>A request that keeps the rules. The head is good until this returns. <paramref name="hasEnded"/>: no DATA will come.</summary>
    void OnRequest(Http2Stream stream, RequestHead head, bool hasEnded);

    /// <summary>Bytes of a stream, good until the bytes given to the connection are; each must be consumed by and by.</summary>
    void OnData(Http2Stream stream, ReadOnlySpan<byte> data);

    /// <summary>The client has sent all it will on this stream.</summary>
    void OnEnd(Http2Stream stream);

    /// <summary>The stream is gone: reset by the client, or for breaking a rule.</summary>
    void OnReset(Http2Stream stream, Http2ErrorCode code, bool byPeer);

    /// <summary>The client will open no more streams, or is leaving.</summary>
    void OnGoAway(Http2ErrorCode code);

    /// <summary>The connection broke a rule: its output ends with GOAWAY, then it is to be closed. All streams are gone, without further events.</summary>
    void OnFailure(Http2ErrorCode code);
}
