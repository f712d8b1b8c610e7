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
        // The status by its index, by its name and as a literal.
        "0000d9>:status: 200",
        "0000ff00>:status: 100",
        "0000ff08>:status: 500",
        "00005f0903343031>:status: 401",
        "000027003a73746174757303343037>:status: 407",
        // A literal name and value, then examples of Huffman's code (RFC 7541, appendix C).
        "00002361626303787978>abc: xyx",
        "0000508cf1e3c2e5f23a6ba0ab90f4ff>:authority: www.example.com",
        "0000217886a8eb10649cbf>x: no-cache",
        "0000217896d07abe941054d444a8200595040b8166e082a62d1bff>x: Mon, 21 Oct 2013 20:13:21 GMT",
        // A name so, after a prefix of three bits.
        "00002ea8eb10649cbf0179>no-cache: y",
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
    [InlineData("0000217884ffffffff")] // Huffman: the end mark
    [InlineData("000021788100")] // Huffman: padding that is not all ones
    [InlineData("000029ff0179")] // Huffman: the same in a name
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
        var plain = fields.Select(static field => (Name: "x" + Ascii(field.Name), Value: Latin1(field.Value))).ToArray();
        var section = new byte[QpackEncoder.MaxStartLength + plain.Sum(static field => QpackEncoder.MaxFieldLength(field.Name, field.Value))];
        var length = QpackEncoder.WriteStart(section, 100 + status);
        foreach (var (name, value) in plain) length += QpackEncoder.WriteField(section.AsSpan(length), name, value);
        var expected = string.Join(", ", plain.Select(static field => $"{field.Name.ToLowerInvariant()}: {field.Value}").Prepend($":status: {100 + status}"));
        Assert.Equal(expected, Read(section.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(":method", "CONNECT", "cf")]
    [InlineData(":method", "OPTIONS", "d3")]
    [InlineData(":method", "PATCH", "5f00055041544348")]
    [InlineData(":scheme", "https", "d7")]
    [InlineData(":scheme", "HTTPS", "5f07054854545053")]
    [InlineData(":authority", "", "c0")]
    [InlineData(":authority", "a:1", "5003613a31")]
    [InlineData(":path", "/", "c1")]
    [InlineData(":path", "*", "51012a")]
    [InlineData(":protocol", "connect-udp", "27023a70726f746f636f6c0b636f6e6e6563742d756470")]
    [InlineData("age", "0", "236167650130")]
    [InlineData("Age", "", "2361676500")]
    public void Pseudo_fields_are_written_by_the_static_table_and_others_as_literals(string name, string value, string expected)
    {
        var section = new byte[QpackEncoder.MaxStartLength + QpackEncoder.MaxFieldLength(name, value)];
        var length = QpackEncoder.WriteStart(section);
        length += QpackEncoder.WriteField(section.AsSpan(length), name, value);
        Assert.Equal("0000" + expected, Convert.ToHexStringLower(section.AsSpan(0, length)));
        Assert.Equal($"{name.ToLowerInvariant()}: {value}", Read(section.AsSpan(0, length)));
    }

    [Property]
    public void A_request_that_is_written_is_read_again(string?[] values)
    {
        string[] names = [":method", ":scheme", ":authority", ":path", ":protocol", "authorization"];
        var fields = values.Select((value, i) => (Name: names[i % names.Length], Value: Latin1(value))).ToArray();
        var section = new byte[QpackEncoder.MaxStartLength + fields.Sum(static field => QpackEncoder.MaxFieldLength(field.Name, field.Value))];
        var length = QpackEncoder.WriteStart(section);
        foreach (var (name, value) in fields) length += QpackEncoder.WriteField(section.AsSpan(length), name, value);
        Assert.Equal(string.Join(", ", fields.Select(static field => $"{field.Name}: {field.Value}")), Read(section.AsSpan(0, length)));
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

    private static string Latin1(string? text) => new([.. (text ?? "").Where(static c => c < 256)]);

    private static string? Read(ReadOnlySpan<byte> section)
    {
        var list = new FieldList(100_000);
        if (!QpackDecoder.TryDecode(section, list)) return null;
        var fields = new List<string>();
        foreach (ref readonly var field in list.Fields) fields.Add($"{Encoding.Latin1.GetString(list.Name(field))}: {Encoding.Latin1.GetString(list.Value(field))}");
        return string.Join(", ", fields);
    }
}
