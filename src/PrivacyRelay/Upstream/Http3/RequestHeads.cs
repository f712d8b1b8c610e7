using Masque;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>The heads of requests and of their answers, as HEADERS frames.</summary>
internal static class RequestHeads
{
    /// <summary>Larger than any head with a handful of challenges, and than any SETTINGS.</summary>
    public const int MaxFrame = 32 * 1024;

    /// <summary>Sends a head.</summary>
    public static async ValueTask WriteAsync(DuplexStream stream, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        var head = Qpack.Write(fields);
        var frame = new byte[CapsuleWriter.MaxHeaderLength + head.Length];
        var headerLength = CapsuleWriter.WriteHeader(frame, Http3Codes.HeadersFrame, (ulong)head.Length);
        head.CopyTo(frame, headerLength);
        await stream.WriteAsync(frame.AsMemory(0, headerLength + head.Length), cancellationToken);
    }

    /// <summary>Extended CONNECT for a tunnel.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfTunnel(ProxyPeer peer, TunnelKind kind, Destination destination, HopAuthorization authorization)
    {
        yield return new(":method", "CONNECT");
        yield return new(":protocol", TunnelRequests.ProtocolOf(kind));
        yield return new(":scheme", "https");
        yield return new(":authority", peer.Proxy.Authority);
        yield return new(":path", TunnelRequests.PathOf(kind, destination));
        yield return new("capsule-protocol", CapsuleProtocolField.Value);
        if (authorization.Field is { } field) yield return new("authorization", field);
        if (peer.Geohash is { } geohash) yield return new("sec-ch-geohash", geohash);
    }

    /// <summary>CONNECT as every version of HTTP has it (RFC 9114, section 4.4).</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfClassicTunnel(ProxyPeer peer, Destination destination, HopAuthorization authorization)
    {
        yield return new(":method", "CONNECT");
        yield return new(":authority", destination.Authority);
        if (authorization.Field is { } field) yield return new("proxy-authorization", field);
        if (peer.Geohash is { } geohash) yield return new("sec-ch-geohash", geohash);
    }

    /// <summary>The answer; interim ones are skipped.</summary>
    /// <exception cref="TunnelException">What comes is no answer of HTTP/3.</exception>
    public static async ValueTask<ConnectResponse> ReadAnswerAsync(FramedInput input, CancellationToken cancellationToken)
    {
        while (await input.NextAsync(cancellationToken))
        {
            if (input.Type == Http3Codes.DataFrame) break;
            if (input.Type != Http3Codes.HeadersFrame) continue;
            if (input.Remaining > MaxFrame) throw new InvalidDataException("The head is too long.");
            if (!Qpack.TryReadResponse(await input.ReadWholeAsync(cancellationToken), out var status, out var fields)) break;
            if (status >= 200) return ConnectResponse.Of(status, fields);
        }

        throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy did not answer with HTTP/3.");
    }
}
