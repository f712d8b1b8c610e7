using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>A response as far as the resolver needs it.</summary>
/// <param name="Kind">What the message is; the rest is meaningful for <see cref="DnsResponseKind.Answer"/> only.</param>
/// <param name="Rcode">The response code.</param>
/// <param name="Addresses">Of the name asked for, CNAMEs followed; may be empty.</param>
/// <param name="Ttl">Seconds the answer may be kept: the least of the chain, or for an empty one that of RFC 2308, section 5.</param>
internal readonly record struct DnsResponse(DnsResponseKind Kind, int Rcode, IPAddress[] Addresses, uint Ttl)
{
    private const int ShortestReply = 3;
    private const int MaxChain = 16;
    private const int MaxAddresses = 32;

    /// <summary>The name to ask for instead, where the server names an alias and neither its addresses nor their absence.</summary>
    public string? Alias { get; private init; }

    public static DnsResponse Failed(int rcode) => new(DnsResponseKind.Answer, rcode, [], 0);

    /// <summary>Reads any bytes; never throws.</summary>
    /// <param name="message">What was received.</param>
    /// <param name="query">What was sent.</param>
    /// <param name="exactCase">The question must come back in the very same case.</param>
    public static DnsResponse Parse(ReadOnlySpan<byte> message, ReadOnlySpan<byte> query, bool exactCase)
    {
        // Same id, and a response to a standard query.
        if (message.Length < ShortestReply || !message[..2].SequenceEqual(query[..2]) || (message[2] & 0xf8) != 0x80) return Of(DnsResponseKind.Unrelated);
        if (message.Length < query.Length || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == 0) return ReadShort(message);
        if (!EchoesQuestion(message, query, exactCase)) return Of(DnsResponseKind.Unrelated);
        if (IsTruncated(message)) return Of(DnsResponseKind.Truncated);
        var rcode = message[3] & 0x0f;
        return rcode is DnsRcode.NoError or DnsRcode.NameError ? ReadAnswers(message, query, rcode) : Failed(rcode);
    }

    private static DnsResponse Of(DnsResponseKind kind) => new(kind, 0, [], 0);

    private static bool IsTruncated(ReadOnlySpan<byte> message) => (message[2] & 0x02) != 0;

    /// <summary>
    /// Servers that fail early, or did not understand, answer without the question. That they failed is believed, for it says no address;
    /// what needs the question is not.
    /// </summary>
    private static DnsResponse ReadShort(ReadOnlySpan<byte> message)
    {
        if (message.Length < DnsQuery.HeaderLength) return Of(DnsResponseKind.Malformed);
        if (IsTruncated(message)) return Of(DnsResponseKind.Truncated);
        var rcode = message[3] & 0x0f;
        return rcode is DnsRcode.NoError or DnsRcode.NameError ? Of(DnsResponseKind.Malformed) : Failed(rcode);
    }

    private static bool EchoesQuestion(ReadOnlySpan<byte> message, ReadOnlySpan<byte> query, bool exactCase)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1) return false;
        var echo = message[DnsQuery.HeaderLength..query.Length];
        var question = query[DnsQuery.HeaderLength..];
        return exactCase ? echo.SequenceEqual(question) : Ascii.EqualsIgnoreCase(echo, question);
    }

    private static DnsResponse ReadAnswers(ReadOnlySpan<byte> message, ReadOnlySpan<byte> query, int rcode)
    {
        Span<byte> wanted = stackalloc byte[DnsName.MaxLength];
        var offset = DnsQuery.HeaderLength;
        if (!DnsName.TryRead(query, ref offset, wanted, out var wantedLength)) return Of(DnsResponseKind.Malformed);
        var type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(query[offset..]);

        var ttl = (uint)int.MaxValue;
        var addresses = new List<IPAddress>();
        for (var hop = 0; hop <= MaxChain; hop++)
        {
            offset = query.Length;
            if (!TryFollow(message, ref offset, type, wanted, ref wantedLength, addresses, ref ttl, out var isAlias)) break;
            if (addresses.Count > 0) return new DnsResponse(DnsResponseKind.Answer, rcode, [.. addresses], ttl);
            if (!isAlias) return ReadAbsence(message, offset, rcode, hop == 0 ? null : DnsName.ToText(wanted[..wantedLength]), ttl);
        }

        return Of(DnsResponseKind.Malformed);
    }

    /// <summary>Goes through the answers once: collects the addresses of <paramref name="wanted"/>, or makes its alias the wanted name.</summary>
    private static bool TryFollow(
        ReadOnlySpan<byte> message,
        ref int offset,
        DnsRecordType type,
        Span<byte> wanted,
        ref int wantedLength,
        List<IPAddress> addresses,
        ref uint ttl,
        out bool isAlias)
    {
        Span<byte> name = stackalloc byte[DnsName.MaxLength];
        Span<byte> alias = stackalloc byte[DnsName.MaxLength];
        var aliasLength = 0;
        isAlias = false;
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        for (var i = 0; i < count; i++)
        {
            if (!DnsRecord.TryRead(message, ref offset, name, out var record)) return false;
            if (!record.Name.SequenceEqual(wanted[..wantedLength])) continue;
            if (record.Type == type)
            {
                if (record.Data.Length != (type == DnsRecordType.A ? 4 : 16)) continue;
                if (addresses.Count < MaxAddresses) addresses.Add(new IPAddress(record.Data));
                ttl = Math.Min(ttl, record.Ttl);
            }
            else if (record.Type == DnsRecordType.Cname && !isAlias)
            {
                var target = record.DataOffset;
                if (!DnsName.TryRead(message, ref target, alias, out aliasLength)) return false;
                isAlias = true;
                ttl = Math.Min(ttl, record.Ttl);
            }
        }

        if (!isAlias || addresses.Count > 0) return true;
        alias[..aliasLength].CopyTo(wanted);
        wantedLength = aliasLength;
        return true;
    }

    /// <summary>
    /// No addresses. The SOA in the authority section says for how long; without one the answer is not to be kept, and where it ends in
    /// an alias nothing is said about that yet. A server that is no authority and asks none does not know (RFC 1034, section 4.3.1).
    /// </summary>
    private static DnsResponse ReadAbsence(ReadOnlySpan<byte> message, int offset, int rcode, string? alias, uint ttl)
    {
        Span<byte> name = stackalloc byte[DnsName.MaxLength];
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        for (var i = 0; i < count && DnsRecord.TryRead(message, ref offset, name, out var record); i++)
        {
            if (record.Type != DnsRecordType.Soa || record.Data.Length < 22) continue;
            var minimum = BinaryPrimitives.ReadUInt32BigEndian(record.Data[^4..]);
            return new DnsResponse(DnsResponseKind.Answer, rcode, [], Math.Min(record.Ttl, minimum));
        }

        if (rcode != DnsRcode.NoError) return Failed(rcode);
        if (alias is not null) return new DnsResponse(DnsResponseKind.Answer, rcode, [], ttl) { Alias = alias };
        var (isAuthority, asksOthers) = ((message[2] & 0x04) != 0, (message[3] & 0x80) != 0);
        return isAuthority || asksOthers ? Failed(rcode) : Of(DnsResponseKind.Malformed);
    }
}
