using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>The Huffman code of HPACK and QPACK (RFC 7541, appendix B): canonical, so the lengths say it all.</summary>
internal static class HuffmanCode
{
    private const int EndOfString = 256;
    private const int LongestCode = 30;

    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    private static readonly Dictionary<(int Length, uint Code), int> _symbols = Build();

    /// <summary>False when the bits are no code, hold the end mark, or are padded with anything but up to seven ones.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out string? text)
    {
        var result = new StringBuilder(encoded.Length * 8 / 5);
        var (code, length) = (0u, 0);
        text = null;
        foreach (var octet in encoded)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                (code, length) = ((code << 1) | (uint)((octet >> bit) & 1), length + 1);
                if (length > LongestCode) return false;
                if (!_symbols.TryGetValue((length, code), out var symbol)) continue;
                if (symbol == EndOfString) return false;
                result.Append((char)symbol);
                (code, length) = (0, 0);
            }
        }

        if (length > 7 || code != (1u << length) - 1) return false;
        text = result.ToString();
        return true;
    }

    private static Dictionary<(int Length, uint Code), int> Build()
    {
        var symbols = new Dictionary<(int Length, uint Code), int>(Lengths.Length);
        var code = 0u;
        for (var length = 1; length <= LongestCode; length++)
        {
            for (var symbol = 0; symbol < Lengths.Length; symbol++)
            {
                if (Lengths[symbol] == length) symbols.Add((length, code++), symbol);
            }

            code <<= 1;
        }

        return symbols;
    }
}
