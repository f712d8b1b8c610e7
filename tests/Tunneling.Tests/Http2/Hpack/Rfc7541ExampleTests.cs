using Tunneling.Http2.Hpack;

namespace Tunneling.Tests.Http2.Hpack;

/// <summary>RFC 7541, appendix C.</summary>
public sealed class Rfc7541ExampleTests
{
    [Theory]
    [InlineData("0a", 5, 10)]
    [InlineData("1f9a0a", 5, 1337)]
    [InlineData("2a", 8, 42)]
    public void Integers_of_C1_are_read_and_written(string hex, int prefix, int expected)
    {
        var position = 0;
        Assert.Equal(HpackError.None, HpackInteger.Read(Convert.FromHexString(hex), ref position, prefix, out var value));
        Assert.Equal(expected, value);
        Assert.Equal(hex.Length / 2, position);
        var written = new byte[HpackInteger.MaxLength];
        Assert.Equal(hex, Convert.ToHexStringLower(written[..HpackInteger.Write(written, 0, prefix, expected)]));
    }

    [Theory]
    [InlineData("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header", 55)]
    [InlineData("040c2f73616d706c652f70617468", ":path: /sample/path", 0)]
    [InlineData("100870617373776f726406736563726574", "password: secret", 0)]
    [InlineData("82", ":method: GET", 0)]
    public void Representations_of_C2_are_read(string hex, string expected, int tableSize)
    {
        var decoder = new HpackDecoder();
        Assert.Equal([expected], FieldText.Decode(decoder, Convert.FromHexString(hex)));
        Assert.Equal(tableSize, decoder.TableSize);
    }

    public static TheoryData<string, string[], int> Requests => new()
    {
        // C.3, without Huffman; C.4, with.
        { "C.3", ["828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865", "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"], 164 },
        { "C.4", ["828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf", "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"], 164 },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Requests_of_C3_and_C4_are_read(string section, string[] blocks, int tableSize)
    {
        var decoder = new HpackDecoder();
        Assert.Equal([":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"], FieldText.Decode(decoder, Convert.FromHexString(blocks[0])));
        Assert.Equal(57, decoder.TableSize);
        Assert.Equal(
            [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
            FieldText.Decode(decoder, Convert.FromHexString(blocks[1])));
        Assert.Equal(110, decoder.TableSize);
        Assert.Equal(
            [":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com", "custom-key: custom-value"],
            FieldText.Decode(decoder, Convert.FromHexString(blocks[2])));
        Assert.Equal(tableSize, decoder.TableSize);
        Assert.StartsWith("C.", section, StringComparison.Ordinal);
    }

    public static TheoryData<string[]> Responses => new()
    {
        (string[])
        [
            "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
            "4803333037c1c0bf",
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
        ],
        (string[])
        [
            "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            "4883640effc1c0bf",
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
        ],
    };

    [Theory]
    [MemberData(nameof(Responses))]
    public void Responses_of_C5_and_C6_evict_from_a_table_of_256_bytes(string[] blocks)
    {
        var decoder = new HpackDecoder(256);
        string[] rest = ["cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT", "location: https://www.example.com"];
        Assert.Equal([":status: 302", .. rest], FieldText.Decode(decoder, Convert.FromHexString(blocks[0])));
        Assert.Equal(222, decoder.TableSize);
        Assert.Equal([":status: 307", .. rest], FieldText.Decode(decoder, Convert.FromHexString(blocks[1])));
        Assert.Equal(222, decoder.TableSize);
        Assert.Equal(
            [
                ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT", "location: https://www.example.com",
                "content-encoding: gzip", "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            ],
            FieldText.Decode(decoder, Convert.FromHexString(blocks[2])));
        Assert.Equal(215, decoder.TableSize);
    }
}
