using System.Buffers.Binary;

namespace Tunneling.Http2.Hpack;

/// <summary>The Huffman code of RFC 7541, appendix B. It is canonical: the lengths of the codes are the whole table.</summary>
internal static class Huffman
{
    private const int Eos = 256;
    private const int MaxCodeLength = 30;
    private const int ShortCodeLength = 8;

    private static ReadOnlySpan<byte> CodeLengths =>
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

    // The symbols in the order of their codes, and for each length its first code and where its symbols begin.
    private static readonly ushort[] _symbols = new ushort[Eos + 1];
    private static readonly uint[] _firstCode = new uint[MaxCodeLength + 2];
    private static readonly int[] _firstSymbol = new int[MaxCodeLength + 2];

    // What the next eight bits begin with: a symbol and the length of its code, or 0 where the code is longer.
    private static readonly ushort[] _short = new ushort[1 << ShortCodeLength];

    static Huffman()
    {
        var code = 0u;
        var count = 0;
        for (var length = 1; length <= MaxCodeLength; length++)
        {
            code <<= 1;
            _firstCode[length] = code;
            _firstSymbol[length] = count;
            for (var symbol = 0; symbol <= Eos; symbol++)
            {
                if (CodeLengths[symbol] != length) continue;
                _symbols[count++] = (ushort)symbol;
                if (length <= ShortCodeLength)
                    _short.AsSpan((int)(code << (ShortCodeLength - length)), 1 << (ShortCodeLength - length)).Fill((ushort)(symbol | (length << 8)));
                code++;
            }
        }

        _firstSymbol[MaxCodeLength + 1] = count;
    }

    /// <summary>The most bytes that so many coded bytes decode to: the shortest code has five bits.</summary>
    public static int MaxDecodedLength(int codedLength) => (int)((long)codedLength * 8 / 5);

    /// <summary>The bits of a symbol's code, for whoever encodes.</summary>
    public static (uint Code, int Length) CodeOf(byte symbol)
    {
        var length = CodeLengths[symbol];
        var at = _firstSymbol[length];
        while (_symbols[at] != symbol) at++;
        return (_firstCode[length] + (uint)(at - _firstSymbol[length]), length);
    }

    /// <summary>Decodes a whole string; <paramref name="destination"/> has at least <see cref="MaxDecodedLength"/> bytes. False: it breaks the rules.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> coded, Span<byte> destination, out int written)
    {
        var table = _short;
        ulong bits = 0; // left-aligned
        var available = 0;
        var position = 0;
        written = 0;
        while (true)
        {
            if (available <= 32)
            {
                if (coded.Length - position >= 4)
                {
                    bits |= (ulong)BinaryPrimitives.ReadUInt32BigEndian(coded[position..]) << (32 - available);
                    position += 4;
                    available += 32;
                }
                else
                {
                    while (available <= 56 && position < coded.Length)
                    {
                        bits |= (ulong)coded[position++] << (56 - available);
                        available += 8;
                    }
                }
            }

            var entry = table[bits >> 56];
            var length = entry >> 8;
            if (length == 0)
            {
                length = LongCode(bits, out var symbol);
                if (length <= available)
                {
                    if (symbol == Eos) return false;
                    destination[written++] = (byte)symbol;
                    bits <<= length;
                    available -= length;
                    continue;
                }
            }
            else if (length <= available)
            {
                destination[written++] = (byte)entry;
                bits <<= length;
                available -= length;
                continue;
            }

            // What is left is no whole code: padding of fewer than eight bits, the first ones of EOS.
            return available < 8 && PaddingIsOnes(bits, available);
        }
    }

    private static bool PaddingIsOnes(ulong bits, int available) =>
        available == 0 || bits >> (64 - available) == (1UL << available) - 1;

    private static int LongCode(ulong bits, out int symbol)
    {
        for (var length = ShortCodeLength + 1; length <= MaxCodeLength; length++)
        {
            var offset = (uint)(bits >> (64 - length)) - _firstCode[length];
            var count = _firstSymbol[length + 1] - _firstSymbol[length];
            if (offset >= (uint)count) continue;
            symbol = _symbols[_firstSymbol[length] + (int)offset];
            return length;
        }

        // The code is complete: 30 bits always hold one.
        throw new InvalidOperationException("No Huffman code.");
    }
}
