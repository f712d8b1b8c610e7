using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace PrivacyPass.SpentTokens;

/// <summary>The 32-byte key of a spent token; uniformly distributed, so any part of it is a good hash.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct SpentTokenKey : IEquatable<SpentTokenKey>
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;

    /// <summary>Length of the base64url form without padding.</summary>
    public const int TextLength = 43;

    private readonly ulong _a, _b, _c, _d;

    /// <param name="bytes">The 32 bytes.</param>
    public SpentTokenKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("A spent-token key has 32 bytes.", nameof(bytes));
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        (_a, _b, _c, _d) = (words[0], words[1], words[2], words[3]);
    }

    /// <summary>Eight of its uniformly distributed bytes.</summary>
    internal ulong Hash => _a;

    /// <summary>A hash that clients cannot foresee: they choose the nonce, so an unseeded one could be made to collide.</summary>
    internal ulong SeededHash(ulong seedA, ulong seedB)
    {
        var high = Math.BigMul(_a ^ seedA, _b ^ seedB, out var low);
        return high ^ low;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);

    /// <summary>Writes the 43 base64url characters.</summary>
    public void WriteText(Span<byte> destination) =>
        Base64Url.EncodeToUtf8(MemoryMarshal.AsBytes(new ReadOnlySpan<SpentTokenKey>(in this)), destination);

    /// <inheritdoc/>
    public bool Equals(SpentTokenKey other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SpentTokenKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(_b >> 7);

    /// <summary>Whether they are the same 32 bytes.</summary>
    public static bool operator ==(SpentTokenKey left, SpentTokenKey right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(SpentTokenKey left, SpentTokenKey right) => !left.Equals(right);
}
