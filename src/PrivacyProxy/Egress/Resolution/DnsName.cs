using System.Text;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Domain names on the wire (RFC 1035, sections 3.1 and 4.1.4): labels of 1 to 63 bytes, 255 bytes with the root.</summary>
internal static class DnsName
{
    public const int MaxLength = 255;
    private const int MaxLabelLength = 63;

    /// <summary>Writes an ASCII name without trailing dot; false for one that DNS cannot hold.</summary>
    public static bool TryWrite(ReadOnlySpan<char> name, Span<byte> destination, out int length)
    {
        length = 0;
        if (name.Length is 0 or > MaxLength - 2) return false;
        foreach (var range in name.Split('.'))
        {
            var label = name[range];
            if (label.Length is 0 or > MaxLabelLength || label.ContainsAnyExceptInRange('!', '~')) return false;
            destination[length++] = (byte)label.Length;
            length += Encoding.ASCII.GetBytes(label, destination[length..]);
        }

        destination[length++] = 0;
        return true;
    }

    /// <summary>
    /// Reads the name at <paramref name="offset"/> in lower case and moves behind it. Each compression pointer
    /// must lead further back than the one before, so no loop can form.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, Span<byte> destination, out int length)
    {
        length = 0;
        var (position, limit, jumped) = (offset, offset, false);
        while (position < message.Length)
        {
            int head = message[position];
            if (head >= 0xc0)
            {
                if (position + 1 >= message.Length) return false;
                var target = ((head & 0x3f) << 8) | message[position + 1];
                if (target >= limit) return false;
                if (!jumped) offset = position + 2;
                (position, limit, jumped) = (target, target, true);
                continue;
            }

            if (head > MaxLabelLength || position + 1 + head > message.Length || length + 1 + head > MaxLength) return false;
            destination[length++] = (byte)head;
            position++;
            if (head == 0)
            {
                if (!jumped) offset = position;
                return true;
            }

            foreach (var octet in message.Slice(position, head)) destination[length++] = ToLower(octet);
            position += head;
        }

        return false;
    }

    /// <summary>A name on the wire as text without trailing dot; null when a label holds what text cannot, a dot for one.</summary>
    public static string? ToText(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        for (var offset = 0; name[offset] != 0; offset += 1 + name[offset])
        {
            var label = name.Slice(offset + 1, name[offset]);
            if (label.ContainsAnyExceptInRange((byte)'!', (byte)'~') || label.Contains((byte)'.')) return null;
            if (offset > 0) text.Append('.');
            text.Append(Encoding.ASCII.GetString(label));
        }

        return text.Length == 0 ? null : text.ToString();
    }

    private static byte ToLower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
}
