using System.Buffers.Binary;
using System.Text;

namespace PrivacyPass;

/// <summary>
/// The extensions of a token (draft-ietf-privacypass-auth-scheme-extensions), ordered by type. Tokens are bound to the exact bytes,
/// so received ones are kept as they came.
/// </summary>
public sealed class TokenExtensions
{
    /// <summary>The most bytes of one extension's data: all of them have at most 65535, with four before each.</summary>
    public const int LargestData = ushort.MaxValue - 4;

    /// <summary>The largest encoding read from a credential or signed by an issuer, in bytes.</summary>
    public const int LargestRead = 1024;

    /// <summary>Makes the extensions and their encoding.</summary>
    /// <param name="extensions">Ordered by type; a type may repeat.</param>
    /// <exception cref="ArgumentException">They are not in order, or have more than 65535 bytes.</exception>
    public TokenExtensions(IEnumerable<TokenExtension> extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        TokenExtension[] items = [.. extensions];
        if (!IsOrdered(items)) throw new ArgumentException("Extensions are ordered by type.", nameof(extensions));
        var size = items.Sum(static item => 4L + item.Data.Length);
        if (size > ushort.MaxValue) throw new ArgumentException("Extensions have at most 65535 bytes.", nameof(extensions));
        var encoded = new byte[2 + size];
        BinaryPrimitives.WriteUInt16BigEndian(encoded, (ushort)size);
        var rest = encoded.AsSpan(2);
        foreach (var item in items)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, item.Type);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)item.Data.Length);
            item.Data.Span.CopyTo(rest[4..]);
            rest = rest[(4 + item.Data.Length)..];
        }

        (Items, Encoded) = (items, encoded);
    }

    private TokenExtensions(IReadOnlyList<TokenExtension> items, byte[] encoded) => (Items, Encoded) = (items, encoded);

    /// <summary>No extensions; two bytes.</summary>
    public static TokenExtensions Empty { get; } = new([]);

    /// <summary>The extensions, in their order.</summary>
    public IReadOnlyList<TokenExtension> Items { get; }

    /// <summary>The bytes as sent or received: the length of the rest in two bytes, then the extensions.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>Reads extensions; false when they are malformed, not in order, or followed by anything. Never throws.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TokenExtensions? extensions)
    {
        extensions = null;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(bytes, out var size) || bytes.Length != 2 + size) return false;
        var encoded = bytes.ToArray();
        var items = new List<TokenExtension>();
        for (var position = 2; position < encoded.Length;)
        {
            if (encoded.Length - position < 4) return false;
            var type = BinaryPrimitives.ReadUInt16BigEndian(encoded.AsSpan(position));
            var length = BinaryPrimitives.ReadUInt16BigEndian(encoded.AsSpan(position + 2));
            position += 4;
            if (encoded.Length - position < length) return false;
            items.Add(new TokenExtension(type, encoded.AsMemory(position, length)));
            position += length;
        }

        if (!IsOrdered(items)) return false;
        extensions = new TokenExtensions(items, encoded);
        return true;
    }

    /// <summary>When the token expires.</summary>
    /// <param name="expiration">Null where the extensions do not say.</param>
    /// <returns>False for one that is malformed, no multiple of its precision, out of the range of times, or there twice: such a token is not to be taken.</returns>
    public bool TryGetExpiration(out DateTimeOffset? expiration)
    {
        expiration = null;
        if (!TryGetOnly(TokenExtension.ExpirationType, out var data)) return false;
        if (data is not { } found) return true;
        if (found.Length != 16) return false;
        var precision = BinaryPrimitives.ReadUInt64BigEndian(found.Span);
        var seconds = BinaryPrimitives.ReadUInt64BigEndian(found.Span[8..]);
        if (precision == 0 || seconds % precision != 0 || seconds > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return false;
        expiration = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }

    /// <summary>Where the client is.</summary>
    /// <param name="hint">Country, region and city with commas between, such as <c>US,US-AL,ALABASTER</c>; null where the extensions do not say.</param>
    /// <returns>False for one that is malformed or there twice: such a token is not to be taken.</returns>
    public bool TryGetGeoHint(out string? hint)
    {
        hint = null;
        if (!TryGetOnly(TokenExtension.GeoHintType, out var data)) return false;
        if (data is not { } found) return true;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(found.Span, out var length) || length == 0 || found.Length != 2 + length) return false;
        var text = found.Span[2..];
        if (text.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return false;
        hint = Encoding.ASCII.GetString(text);
        return true;
    }

    private bool TryGetOnly(ushort type, out ReadOnlyMemory<byte>? data)
    {
        data = null;
        foreach (var item in Items)
        {
            if (item.Type != type) continue;
            if (data is not null) return false;
            data = item.Data;
        }

        return true;
    }

    private static bool IsOrdered(IReadOnlyList<TokenExtension> items)
    {
        for (var i = 1; i < items.Count; i++)
            if (items[i].Type < items[i - 1].Type) return false;
        return true;
    }
}
