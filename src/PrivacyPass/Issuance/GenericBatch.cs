using System.Buffers.Binary;

namespace PrivacyPass.Issuance;

/// <summary>
/// Many TokenRequests of any types in one request, and their answers (draft-ietf-privacypass-batched-tokens, section 6). As in the
/// draft's vectors a request stands as it is, its type once; an answer has its type before it.
/// </summary>
public static class GenericBatch
{
    private const byte Absent = 0;
    private const byte Present = 1;

    /// <summary>Writes a GenericBatchTokenRequest.</summary>
    /// <param name="tokenRequests">Whole TokenRequests, at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static byte[] WriteRequest(IEnumerable<ReadOnlyMemory<byte>> tokenRequests)
    {
        ArgumentNullException.ThrowIfNull(tokenRequests);
        using var vector = new MemoryStream();
        foreach (var request in tokenRequests) vector.Write(request.Span);
        if (vector.Length == 0) throw new ArgumentException("A batch needs at least one request.", nameof(tokenRequests));
        return BatchVector.Prefixed(vector.GetBuffer().AsSpan(0, (int)vector.Length), (int)vector.Length);
    }

    /// <summary>Reads a GenericBatchTokenRequest.</summary>
    /// <param name="bytes">The request.</param>
    /// <param name="most">The most TokenRequests it may hold.</param>
    /// <param name="tokenRequests">Where each is in <paramref name="bytes"/>, with its extensions where its type has them; empty when false.</param>
    /// <returns>False (HTTP 422) when it is empty, holds more, or a request of a type that is not supported, whose end nobody can tell.</returns>
    public static bool TryReadRequest(ReadOnlySpan<byte> bytes, int most, out IReadOnlyList<Range> tokenRequests)
    {
        tokenRequests = [];
        if (!BatchVector.TryRead(bytes, out var vector, out var rest) || vector.IsEmpty || !rest.IsEmpty) return false;
        var found = new List<Range>();
        for (var start = bytes.Length - vector.Length; start < bytes.Length;)
        {
            if (found.Count == most || !TokenRequestView.TryReadFirst(bytes[start..], out var request)) return false;
            found.Add(start..(start + request.Bytes.Length));
            start += request.Bytes.Length;
        }

        tokenRequests = found;
        return true;
    }

    /// <summary>Writes a GenericBatchTokenResponse.</summary>
    /// <param name="tokenResponses">For each request in turn its type and TokenResponse, null where none was issued.</param>
    public static byte[] WriteResponse(IEnumerable<(TokenType Type, byte[]? TokenResponse)> tokenResponses)
    {
        ArgumentNullException.ThrowIfNull(tokenResponses);
        using var vector = new MemoryStream();
        Span<byte> header = stackalloc byte[3];
        header[0] = Present;
        foreach (var (type, response) in tokenResponses)
        {
            if (response is null)
            {
                vector.WriteByte(Absent);
                continue;
            }

            BinaryPrimitives.WriteUInt16BigEndian(header[1..], (ushort)type);
            vector.Write(header);
            vector.Write(response);
        }

        return BatchVector.Prefixed(vector.GetBuffer().AsSpan(0, (int)vector.Length), (int)vector.Length);
    }

    /// <summary>Reads a GenericBatchTokenResponse.</summary>
    /// <param name="bytes">The response.</param>
    /// <param name="types">The types of the requests it answers, in their order.</param>
    /// <param name="tokenResponses">For each request the place of its TokenResponse in <paramref name="bytes"/>, null where none was issued; empty when false.</param>
    /// <returns>False when it is malformed, of another number of answers or with one of another type than asked for.</returns>
    public static bool TryReadResponse(ReadOnlySpan<byte> bytes, IReadOnlyList<TokenType> types, out IReadOnlyList<Range?> tokenResponses)
    {
        ArgumentNullException.ThrowIfNull(types);
        tokenResponses = [];
        if (!BatchVector.TryRead(bytes, out var vector, out var rest) || !rest.IsEmpty) return false;
        var found = new Range?[types.Count];
        var start = bytes.Length - vector.Length;
        for (var i = 0; i < found.Length; i++)
        {
            if (start == bytes.Length) return false;
            var presence = bytes[start++];
            if (presence == Absent) continue;
            var size = TokenSizes.TokenResponse(types[i]);
            if (presence != Present || bytes.Length - start < 2 + size) return false;
            if (BinaryPrimitives.ReadUInt16BigEndian(bytes[start..]) != (ushort)types[i]) return false;
            found[i] = (start + 2)..(start + 2 + size);
            start += 2 + size;
        }

        if (start != bytes.Length) return false;
        tokenResponses = found;
        return true;
    }
}
