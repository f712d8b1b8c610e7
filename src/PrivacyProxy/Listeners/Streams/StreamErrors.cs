using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Streams;

/// <summary>The codes that break a stream.</summary>
internal static class StreamErrors
{
    /// <summary>CONNECT_ERROR (RFC 9113, section 7) or H3_CONNECT_ERROR (RFC 9114, section 8.1): the destination's connection broke.</summary>
    public static int Connect(TunnelProtocol protocol) => protocol == TunnelProtocol.Http3 ? 0x10f : 0xa;

    /// <summary>PROTOCOL_ERROR or H3_MESSAGE_ERROR: what the client sent is malformed (RFC 9297, section 3.3).</summary>
    public static int Malformed(TunnelProtocol protocol) => protocol == TunnelProtocol.Http3 ? 0x10e : 0x1;
}
