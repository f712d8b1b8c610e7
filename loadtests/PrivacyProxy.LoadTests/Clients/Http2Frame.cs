using System.Buffers.Binary;
using System.Text;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>As much of RFC 9113 and RFC 7541 as a client of tunnels needs that keeps no table.</summary>
internal static class Http2Frame
{
    public const int HeaderLength = 9;
    public const int MaxPayload = 16_384;

    public const byte Data = 0, Headers = 1, RstStream = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    public const byte EndStream = 1, Ack = 1, EndHeaders = 4, Padded = 8, Priority = 0x20;
    public const ushort HeaderTableSize = 1, EnablePush = 2, InitialWindowSize = 4;
    public const uint Cancel = 8;

    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static void WriteHeader(Span<byte> frame, int length, byte type, byte flags, int stream)
    {
        frame[0] = (byte)(length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame[1..], (ushort)length);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
    }

    /// <summary>The fields of a CONNECT, as literals that nobody need remember.</summary>
    public static byte[] WriteConnect(string target, string? credential)
    {
        using var block = new MemoryStream();
        // Names by their place in the static table: :method, :authority, proxy-authorization.
        block.WriteByte(2);
        WriteString(block, "CONNECT");
        block.WriteByte(1);
        WriteString(block, target);
        if (credential is null) return block.ToArray();
        block.Write([0x1f, 49 - 15]);
        WriteString(block, credential);
        return block.ToArray();
    }

    /// <summary>The status at the beginning of an answer's fields; 0 when it is not there, as it must be.</summary>
    public static int ReadStatus(ReadOnlySpan<byte> block)
    {
        // Changes of the table's size, which we keep at none.
        while (block.Length > 0 && (block[0] & 0xe0) == 0x20) block = block[1..];
        if (block.IsEmpty) return 0;
        int[] known = [200, 204, 206, 304, 400, 404, 500];
        if ((block[0] & 0x80) != 0) return (block[0] & 0x7f) is var index and >= 8 and < 15 ? known[index - 8] : 0;
        var name = (block[0] & 0x40) != 0 ? block[0] & 0x3f : block[0] & 0x0f;
        if (name is < 8 or > 14 || block.Length < 2) return 0;
        var length = block[1] & 0x7f;
        if (block.Length < 2 + length) return 0;
        var value = block.Slice(2, length);
        return (block[1] & 0x80) == 0 ? int.TryParse(value, out var status) ? status : 0 : ReadDigits(value);
    }

    private static void WriteString(MemoryStream block, string text)
    {
        var rest = text.Length;
        block.WriteByte((byte)Math.Min(rest, 127));
        if (rest >= 127)
        {
            for (rest -= 127; rest >= 128; rest >>= 7) block.WriteByte((byte)(rest | 0x80));
            block.WriteByte((byte)rest);
        }

        block.Write(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Digits in Huffman's code: 0, 1 and 2 have five bits (00000, 00001, 00010), 3 to 9 six (011001 and on).</summary>
    private static int ReadDigits(ReadOnlySpan<byte> code)
    {
        var (bits, count, status) = (0ul, 0, 0);
        foreach (var one in code) (bits, count) = ((bits << 8) | one, count + 8);
        for (var digits = 0; digits < 3; digits++)
        {
            if (count < 5) return 0;
            var five = (int)(bits >> (count - 5)) & 0x1f;
            if (five <= 2)
            {
                (status, count) = (status * 10 + five, count - 5);
                continue;
            }

            if (count < 6) return 0;
            var six = (int)(bits >> (count - 6)) & 0x3f;
            if (six is < 0x19 or > 0x1f) return 0;
            (status, count) = (status * 10 + six - 0x19 + 3, count - 6);
        }

        return status;
    }
}
