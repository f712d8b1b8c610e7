using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PrivacyPass;

/// <summary>The 32-byte id of an issuer key: SHA-256 over its exact encoding (RFC 9578, sections 5.5 and 6.5). Public, not secret.</summary>
public readonly struct TokenKeyId : IEquatable<TokenKeyId>
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;

    private readonly ulong _a, _b, _c, _d;

    /// <summary>Reads an id of exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">The length is not 32.</exception>
    public TokenKeyId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("A token key id has 32 bytes.", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The last byte, sent in a TokenRequest (RFC 9578, sections 5.1 and 6.1).</summary>
    public byte Truncated => (byte)_d;

    /// <summary>The id of a key by its exact encoding: 49 bytes SEC1 for type 1, 342 bytes DER SPKI for type 2.</summary>
    public static TokenKeyId Of(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(publicKey, hash);
        return new TokenKeyId(hash);
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size) throw new ArgumentException("A token key id needs 32 bytes.", nameof(destination));
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>A new array of the 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(TokenKeyId other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TokenKeyId other && Equals(other);

    /// <summary>The bytes are a hash already, so any 4 of them do.</summary>
    public override int GetHashCode() => (int)_a;

    /// <summary>Lower-case hex, 64 characters.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());

    /// <summary>Equality of all 32 bytes.</summary>
    public static bool operator ==(TokenKeyId left, TokenKeyId right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(TokenKeyId left, TokenKeyId right) => !left.Equals(right);
}
