using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>
/// The part of a key that ends in <c>|#|</c>, by which alone a router chooses a server: keys of one tag lie together. mcrouter
/// does so by itself, others where their settings say so.
/// </summary>
internal static class KeyTag
{
    /// <summary>Of what stands between the prefix and the rest of a key.</summary>
    public const int Length = Digits + 3;

    /// <summary>There are no more.</summary>
    public const int Most = 1 << (4 * Digits);

    /// <summary>The key of a tag's marker ends in it; no token's key does, for theirs have 43 characters there.</summary>
    public const string Marker = "epoch";

    private const int Digits = 4;

    /// <summary>Odd, so that no two numbers give the same tag; neighbours are far apart, for routers with a weak hash.</summary>
    private const int Spread = 0x9E37;

    private static ReadOnlySpan<byte> End => "|#|"u8;

    /// <summary>The number of a token's tag.</summary>
    public static int NumberOf(in SpentTokenKey key, int tags) => (int)(key.Hash % (uint)tags);

    public static void Write(Span<byte> destination, int number)
    {
        Utf8Formatter.TryFormat((ushort)(number * Spread), destination, out _, new StandardFormat('x', Digits));
        End.CopyTo(destination[Digits..]);
    }

    public static string Text(int number)
    {
        Span<byte> text = stackalloc byte[Length];
        Write(text, number);
        return Encoding.ASCII.GetString(text);
    }
}
