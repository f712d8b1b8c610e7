using Tunneling.Http2.Requests;

namespace Tunneling.Http2.Serving;

/// <summary>What serves the requests of a session. Called on its loop's thread.</summary>
internal interface IHttp2Application
{
    /// <summary>
    /// A request that keeps the rules. The head is good until this returns; the channel is answered now or later, with
    /// <see cref="Http2StreamChannel.Respond"/>, and closed by whoever takes it. Its handler is told when the client gives up.
    /// </summary>
    void OnRequest(Http2StreamChannel request, RequestHead head);

    /// <summary>A request is over, whoever ended it: it holds nothing of the connection any more.</summary>
    void OnEnded(Http2StreamChannel request)
    {
    }

    /// <summary>A client of which no stream was authenticated has sent bytes; they are taken in next, unless this closes the connection.</summary>
    void OnReceived(Http2Session session, int count)
    {
    }

    /// <summary>The connection is closed; every channel has been told before.</summary>
    void OnClosed(Http2Session session);
}
