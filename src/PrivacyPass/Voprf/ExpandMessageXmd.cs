using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PrivacyPass.Voprf;

/// <summary>expand_message_xmd (RFC 9380, section 5.3.1).</summary>
internal static class ExpandMessageXmd
{
    /// <summary>Fills <paramref name="output"/> with bytes that depend on the message and the domain separation tag.</summary>
    internal static void Expand(SuiteHash suite, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag, Span<byte> output)
    {
        if (tag.Length > byte.MaxValue) throw new ArgumentException("A domain separation tag has at most 255 bytes.", nameof(tag));
        using var hash = IncrementalHash.CreateHash(suite.Algorithm);

        Span<byte> first = stackalloc byte[SuiteHash.LargestSize];
        first = first[..suite.Size];
        FirstBlock(hash, message, tag, output.Length, first);

        Span<byte> block = stackalloc byte[SuiteHash.LargestSize];
        block = block[..suite.Size];
        block.Clear();
        for (byte i = 1; !output.IsEmpty; i++)
        {
            for (var j = 0; j < block.Length; j++) block[j] ^= first[j];
            hash.AppendData(block);
            AppendTag(hash, i, tag);
            hash.GetHashAndReset(block);
            var count = Math.Min(block.Length, output.Length);
            block[..count].CopyTo(output);
            output = output[count..];
        }
    }

    private static void FirstBlock(IncrementalHash hash, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag, int outputSize, Span<byte> block)
    {
        Span<byte> zeros = stackalloc byte[SuiteHash.BlockSize];
        zeros.Clear();
        hash.AppendData(zeros);
        hash.AppendData(message);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)outputSize));
        hash.AppendData(length);
        AppendTag(hash, 0, tag);
        hash.GetHashAndReset(block);
    }

    private static void AppendTag(IncrementalHash hash, byte counter, ReadOnlySpan<byte> tag)
    {
        hash.AppendData([counter]);
        hash.AppendData(tag);
        hash.AppendData([(byte)tag.Length]);
    }
}
