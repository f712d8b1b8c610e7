using System.Buffers;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Http2.Hpack;
using Tunneling.Http2.Requests;
using Tunneling.Http3;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>What a head asks for.</summary>
internal enum RequestKind
{
    /// <summary>No tunnel, or it cannot be read, or is more than the limits allow: Kestrel's, to serve or to refuse.</summary>
    Other,

    /// <summary>A tunnel.</summary>
    Connect,

    /// <summary>A CONNECT that breaks the rules of its head (RFC 9114, section 4.4).</summary>
    MalformedConnect,
}

/// <summary>Reads the heads of requests, one at a time on a thread.</summary>
internal static class RequestHeads
{
    [ThreadStatic]
    private static RequestHead? _head;

    [ThreadStatic]
    private static int _headSize;

    /// <summary>Reads a field section.</summary>
    /// <param name="section">All of it.</param>
    /// <param name="options">The limits.</param>
    /// <param name="head">The head, good until this thread reads another one.</param>
    /// <param name="invalid">Why a CONNECT that keeps the rules is not to be served all the same; null for no reason.</param>
    public static RequestKind Read(in ReadOnlySequence<byte> section, TunnelOptions options, out RequestHead head, out InvalidRequest? invalid)
    {
        if (_head is null || _headSize != options.MaxRequestHeadSize) (_head, _headSize) = (new RequestHead(options.MaxRequestHeadSize), options.MaxRequestHeadSize);
        head = _head;
        head.Clear();
        byte[]? copy = null;
        var bytes = section.FirstSpan;
        if (!section.IsSingleSegment)
        {
            copy = ArrayPool<byte>.Shared.Rent((int)section.Length);
            section.CopyTo(copy);
            bytes = copy.AsSpan(0, (int)section.Length);
        }

        var isRead = QpackDecoder.TryDecode(bytes, head.List) && !head.IsTooLarge;
        if (copy is not null) ArrayPool<byte>.Shared.Return(copy);
        invalid = head.List.Count > options.MaxRequestFields ? new InvalidRequest(StatusCodes.Status431RequestHeaderFieldsTooLarge, "too many fields") : null;
        if (!isRead) return RequestKind.Other;
        if (head.TryRead()) return head.IsConnect ? RequestKind.Connect : RequestKind.Other;
        return head.Value(FieldName.PseudoMethod).SequenceEqual("CONNECT"u8) ? RequestKind.MalformedConnect : RequestKind.Other;
    }
}
