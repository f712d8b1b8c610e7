using System.Text;
using Tunneling.Http2.Hpack;

namespace Tunneling.Http3;

/// <summary>Writes field sections of answers: the status from the static table where it is there, and literals. There is no dynamic table.</summary>
internal static class QpackEncoder
{
    /// <summary>The most bytes <see cref="WriteStart"/> writes.</summary>
    public const int MaxStartLength = 8;

    /// <summary>Of <c>:status</c> with the value 103: the first of its name.</summary>
    private const int StatusName = 24;

    /// <summary>Begins a section with <c>:status</c>; returns its length.</summary>
    public static int WriteStart(Span<byte> destination, int status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 999);
        // Required Insert Count and Base: no dynamic table.
        (destination[0], destination[1]) = (0, 0);
        if (status == 200)
        {
            destination[2] = 0xc0 | (StatusName + 1);
            return 3;
        }

        // An index of 15 and more takes a second byte.
        var written = 2 + HpackInteger.Write(destination[2..], 0x50, 4, StatusName);
        destination[written++] = 3;
        destination[written++] = (byte)('0' + (status / 100));
        destination[written++] = (byte)('0' + (status / 10 % 10));
        destination[written++] = (byte)('0' + (status % 10));
        return written;
    }

    /// <summary>The most bytes <see cref="WriteField"/> writes for a name and a value.</summary>
    public static int MaxFieldLength(string name, string value) => (2 * HpackInteger.MaxLength) + name.Length + value.Length;

    /// <summary>Writes a field, its name in lower case; returns its length. Characters beyond Latin-1 become question marks.</summary>
    public static int WriteField(Span<byte> destination, string name, string value)
    {
        var written = HpackInteger.Write(destination, 0x20, 3, name.Length);
        foreach (var c in name) destination[written++] = c is >= 'A' and <= 'Z' ? (byte)(c | 0x20) : c < 0x7f ? (byte)c : (byte)'?';
        written += HpackInteger.Write(destination[written..], 0x00, 7, value.Length);
        return written + Encoding.Latin1.GetBytes(value, destination[written..]);
    }
}
