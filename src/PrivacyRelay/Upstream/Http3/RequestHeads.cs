using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Masque;
using PrivacyRelay.Streams;
using Tunneling.Http2.Hpack;
using Tunneling.Http3;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>The heads of requests and of their answers, as HEADERS frames.</summary>
internal static class RequestHeads
{
    /// <summary>Larger than any head with a handful of challenges, and than any SETTINGS.</summary>
    public const int MaxFrame = 32 * 1024;

    /// <summary>What an answer's fields may come to, 32 added for each (RFC 9114, section 4.2.2): Huffman's text is longer once decoded, and an indexed field is one byte.</summary>
    public const int MaxListSize = 2 * MaxFrame;

    /// <summary>Sends a head.</summary>
    public static async ValueTask WriteAsync(DuplexStream stream, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        var head = Write(fields);
        var frame = new byte[CapsuleWriter.MaxHeaderLength + head.Length];
        var headerLength = CapsuleWriter.WriteHeader(frame, Http3Codes.HeadersFrame, (ulong)head.Length);
        head.CopyTo(frame.AsSpan(headerLength));
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

    /// <summary>A request's field section.</summary>
    public static ReadOnlySpan<byte> Write(IEnumerable<KeyValuePair<string, string>> fields)
    {
        KeyValuePair<string, string>[] all = [.. fields];
        var section = new byte[QpackEncoder.MaxStartLength + all.Sum(static field => QpackEncoder.MaxFieldLength(field.Key, field.Value))];
        var length = QpackEncoder.WriteStart(section);
        foreach (var (name, value) in all) length += QpackEncoder.WriteField(section.AsSpan(length), name, value);
        return section.AsSpan(0, length);
    }

    /// <summary>Reads an answer's field section; false when it is malformed, needs a dynamic table, says too much or has no status.</summary>
    public static bool TryReadAnswer(ReadOnlySpan<byte> section, out int status, [NotNullWhen(true)] out ILookup<string, string>? fields)
    {
        (status, fields) = (0, null);
        var list = new FieldList(MaxListSize);
        if (!QpackDecoder.TryDecode(section, list) || list.IsTooLarge) return false;
        var read = new List<KeyValuePair<string, string>>(list.Count);
        foreach (ref readonly var field in list.Fields)
        {
            var value = list.Value(field);
            if (field.Id == FieldName.PseudoStatus && !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out status)) return false;
            read.Add(new(Encoding.Latin1.GetString(list.Name(field)), Encoding.Latin1.GetString(value)));
        }

        fields = read.ToLookup(static field => field.Key, static field => field.Value, StringComparer.Ordinal);
        return status is >= 100 and <= 999;
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
            if (!TryReadAnswer(await input.ReadWholeAsync(cancellationToken), out var status, out var fields)) break;
            if (status >= 200) return ConnectResponse.Of(status, fields);
        }

        throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy did not answer with HTTP/3.");
    }
}
