using System.Text;
using FsCheck.Xunit;
using Tunneling.Http2.Hpack;
using Tunneling.Http3;

namespace Tunneling.Tests.Http3;

/// <summary>QPACK without a dynamic table.</summary>
public sealed class QpackTests
{
    private static readonly string[] _vectors =
    [
        // RFC 9204, appendix B.1: a literal with a name of the static table.
        "0000510b2f696e6465782e68746d6c>:path: /index.html",
        "0000cfd7c1>:method: CONNECT, :scheme: https, :path: /",
        "0000d9>:status: 200",
        // A literal name and value, then both by the Huffman code of "www.example.com" (RFC 7541, appendix C.4.1).
        "00002361626303787978>abc: xyx",
        "0000508cf1e3c2e5f23a6ba0ab90f4ff>:authority: www.example.com",
        "0000270963617073756c652d70726f746f636f6c023f31>capsule-protocol: ?1",
    ];

    public static TheoryData<string, string> Sections()
    {
        var data = new TheoryData<string, string>();
        foreach (var vector in _vectors) data.Add(vector.Split('>')[0], vector.Split('>')[1]);
        return data;
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void A_section_is_read(string section, string fields) => Assert.Equal(fields, Read(Convert.FromHexString(section)));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0100")] // inserts
    [InlineData("000080")] // indexed, dynamic
    [InlineData("000010")] // indexed, post-base
    [InlineData("000040")] // name of the dynamic table
    [InlineData("000000")] // name, post-base
    [InlineData("0000ff24")] // index 99
    [InlineData("00005f5400")] // name 99
    [InlineData("0000230000")] // cut off
    [InlineData("0000510b2f")]
    [InlineData("00005181ff")] // Huffman: padding of more than it may be
    [InlineData("0000ffffffffffff7f")] // too large a number
    public void A_section_that_cannot_be_read_without_a_dynamic_table_is_none(string section) => Assert.Null(Read(Convert.FromHexString(section)));

    [Fact]
    public void Every_entry_of_the_static_table_is_read_by_its_number()
    {
        for (var i = 0; i < QpackStaticTable.Count; i++)
        {
            var section = new byte[4];
            var length = 2 + HpackInteger.Write(section.AsSpan(2), 0xc0, 6, i);
            ref readonly var entry = ref QpackStaticTable.Get(i);
            Assert.Equal($"{Encoding.ASCII.GetString(entry.Name)}: {Encoding.ASCII.GetString(entry.Value)}", Read(section.AsSpan(0, length)));
        }
    }

    [Property]
    public void What_is_written_is_read_again(byte status, (string? Name, string? Value)[] fields)
    {
        var plain = fields.Select(static field => (Name: "x" + Ascii(field.Name), Value: Ascii(field.Value))).ToArray();
        var section = new byte[QpackEncoder.MaxStartLength + plain.Sum(static field => QpackEncoder.MaxFieldLength(field.Name, field.Value))];
        var length = QpackEncoder.WriteStart(section, 100 + status);
        foreach (var (name, value) in plain) length += QpackEncoder.WriteField(section.AsSpan(length), name, value);
        var expected = string.Join(", ", plain.Select(static field => $"{field.Name.ToLowerInvariant()}: {field.Value}").Prepend($":status: {100 + status}"));
        Assert.Equal(expected, Read(section.AsSpan(0, length)));
    }

    [Property]
    public void Nothing_that_is_sent_throws(byte[] section) => Read([0, 0, .. section]);

    [Fact]
    public void Fields_beyond_the_limit_are_not_kept()
    {
        var list = new FieldList(100);
        byte[] section = [0, 0, .. Enumerable.Repeat((byte)0xd7, 50_000)];
        Assert.True(QpackDecoder.TryDecode(section, list));
        Assert.True(list.IsTooLarge);
        Assert.Equal(2, list.Count);
    }

    private static string Ascii(string? text) => new([.. (text ?? "").Where(static c => c is > ' ' and < (char)0x7f)]);

    private static string? Read(ReadOnlySpan<byte> section)
    {
        var list = new FieldList(100_000);
        if (!QpackDecoder.TryDecode(section, list)) return null;
        var fields = new List<string>();
        foreach (ref readonly var field in list.Fields) fields.Add($"{Encoding.ASCII.GetString(list.Name(field))}: {Encoding.ASCII.GetString(list.Value(field))}");
        return string.Join(", ", fields);
    }
}
