using Tunneling.Http2.Hpack;

namespace Tunneling.Tests.Http2.Hpack;

public sealed class HpackDecoderTests
{
    [Fact]
    public void An_index_of_zero_is_refused() => Assert.Equal(HpackError.InvalidIndex, FieldText.ErrorOf(0x80));

    [Fact]
    public void An_index_beyond_both_tables_is_refused() => Assert.Equal(HpackError.InvalidIndex, FieldText.ErrorOf(0x80 | 62));

    [Fact]
    public void A_name_beyond_both_tables_is_refused() => Assert.Equal(HpackError.InvalidIndex, FieldText.ErrorOf(0x7e, 0x01, (byte)'a'));

    [Theory]
    [InlineData("ffffffffffffffff7f")] // more than 63 bits
    [InlineData("ff8080808080808000")] // zeros without an end
    [InlineData("ff81ffffff0f")] // 2^32
    public void An_integer_that_overflows_is_refused(string hex) =>
        Assert.Equal(HpackError.InvalidInteger, FieldText.ErrorOf(Convert.FromHexString(hex)));

    [Fact]
    public void Integers_up_to_31_bits_are_read_back()
    {
        foreach (var value in new[] { 0, 30, 31, 32, 127, 128, 254, 255, 16_384, int.MaxValue - 1, int.MaxValue })
        {
            for (var prefix = 4; prefix <= 7; prefix++)
            {
                var buffer = new byte[HpackInteger.MaxLength];
                var length = HpackInteger.Write(buffer, 0, prefix, value);
                var position = 0;
                Assert.Equal(HpackError.None, HpackInteger.Read(buffer.AsSpan(0, length), ref position, prefix, out var read));
                Assert.Equal((value, length), (read, position));
            }
        }
    }

    [Theory]
    [InlineData("40")] // no name
    [InlineData("4005")] // a name without its bytes
    [InlineData("400161")] // no value
    [InlineData("40016105")] // a value without its bytes
    [InlineData("ff")] // an integer that goes on
    [InlineData("3f")] // a size that goes on
    public void A_block_that_ends_early_is_refused(string hex) =>
        Assert.Equal(HpackError.Truncated, FieldText.ErrorOf(Convert.FromHexString(hex)));

    [Fact]
    public void A_size_update_above_the_limit_is_refused() =>
        Assert.Equal(HpackError.InvalidTableSize, FieldText.ErrorOf(new BlockWriter().Size(4097).ToArray()));

    [Fact]
    public void A_size_update_after_a_field_is_refused() =>
        Assert.Equal(HpackError.InvalidTableSize, FieldText.ErrorOf(new BlockWriter().Indexed(2).Size(0).ToArray()));

    [Fact]
    public void A_third_size_update_is_refused() =>
        Assert.Equal(HpackError.InvalidTableSize, FieldText.ErrorOf(new BlockWriter().Size(0).Size(1).Size(2).ToArray()));

    [Fact]
    public void Two_size_updates_empty_the_table_and_raise_it_again()
    {
        var decoder = new HpackDecoder();
        FieldText.Decode(decoder, new BlockWriter().Literal("a", "b", 0x40).ToArray());
        Assert.Equal(34, decoder.TableSize);
        Assert.Equal(HpackError.InvalidIndex, decoder.Decode(new BlockWriter().Size(0).Size(4096).Indexed(62).ToArray(), new FieldList(1024)));
        Assert.Equal(0, decoder.TableSize);
        FieldText.Decode(decoder, new BlockWriter().Literal("a", "b", 0x40).ToArray());
        Assert.Equal(["a: b"], FieldText.Decode(decoder, new BlockWriter().Indexed(62).ToArray()));
    }

    [Fact]
    public void An_entry_larger_than_the_table_empties_it()
    {
        var decoder = new HpackDecoder();
        var large = new string('v', 4096);
        FieldText.Decode(decoder, new BlockWriter().Literal("a", "b", 0x40).ToArray());
        Assert.Equal([$"a: {large}"], FieldText.Decode(decoder, new BlockWriter().Literal("a", large, 0x40).ToArray()));
        Assert.Equal(0, decoder.TableSize);
    }

    [Fact]
    public void A_name_taken_from_an_entry_that_its_own_field_evicts_is_kept()
    {
        var decoder = new HpackDecoder();
        var first = new string('x', 2000);
        var second = new string('y', 2000);
        FieldText.Decode(decoder, new BlockWriter().Literal("name-one", first, 0x40).Literal("name-two", "v", 0x40).ToArray());
        Assert.Equal([$"name-one: {second}{second}"], FieldText.Decode(decoder, new BlockWriter().Literal(63, second + second, 0x40).ToArray()));
        Assert.Equal([$"name-one: {second}{second}"], FieldText.Decode(decoder, new BlockWriter().Indexed(62).ToArray()));
    }

    [Theory]
    [InlineData("ff")] // padding of eight bits
    [InlineData("1fffff")] // 'a', then more than seven bits of padding
    [InlineData("18")] // 'a', then padding of zeros
    [InlineData("fffffffc")] // EOS
    [InlineData("fffffffffffffffffffc")] // EOS after EOS
    public void Huffman_text_against_the_rules_is_refused(string hex)
    {
        var text = Convert.FromHexString(hex);
        Assert.Equal(HpackError.InvalidHuffman, FieldText.ErrorOf([0x00, 0x01, (byte)'n', (byte)(0x80 | text.Length), .. text]));
    }

    [Fact]
    public void Every_byte_is_read_back_through_Huffman()
    {
        for (var symbol = 0; symbol < 256; symbol++)
        {
            for (var count = 1; count <= 9; count++)
            {
                var text = new byte[count];
                Array.Fill(text, (byte)symbol);
                var coded = HuffmanEncoder.Encode(text);
                var decoded = new byte[Huffman.MaxDecodedLength(coded.Length)];
                Assert.True(Huffman.TryDecode(coded, decoded, out var written));
                Assert.Equal(text, decoded[..written]);
            }
        }
    }

    [Fact]
    public void Names_of_both_tables_and_of_literals_are_recognised_alike()
    {
        var decoder = new HpackDecoder();
        var list = new FieldList(4096);
        var block = new BlockWriter().Literal(1, "a:1").Literal(":authority", "a:1").Literal("proxy-authorization", "x", 0x40, huffman: true)
            .Indexed(62).Literal(":protocol", "connect-udp").Literal("sec-ch-geohash", "g").Literal("traceparent", "t").Literal("capsule-protocol", "?1")
            .Literal("x-else", "y").ToArray();
        Assert.Equal(HpackError.None, decoder.Decode(block, list));
        FieldName[] expected =
        [
            FieldName.PseudoAuthority, FieldName.PseudoAuthority, FieldName.ProxyAuthorization, FieldName.ProxyAuthorization, FieldName.PseudoProtocol,
            FieldName.SecChGeohash, FieldName.TraceParent, FieldName.CapsuleProtocol, FieldName.Other,
        ];
        Assert.Equal(expected, list.Fields.ToArray().Select(f => f.Id));
    }

    [Fact]
    public void Every_known_name_is_found_by_its_bytes()
    {
        string[] names =
        [
            ":authority", ":method", ":path", ":protocol", ":scheme", ":status", "authorization", "capsule-protocol", "connection", "content-length", "content-type", "cookie",
            "expect", "host", "keep-alive", "priority", "proxy-authorization", "proxy-connection", "sec-ch-geohash", "te", "traceparent", "transfer-encoding",
            "upgrade", "user-agent",
        ];
        var found = names.Select(n => FieldNames.Find(System.Text.Encoding.ASCII.GetBytes(n))).ToArray();
        Assert.Equal(Enum.GetValues<FieldName>().Except([FieldName.Other]), found.Order());
        Assert.Equal(FieldName.Other, FieldNames.Find("Host"u8));
    }

    [Fact]
    public void A_list_over_its_limit_keeps_no_more_but_the_table_goes_on()
    {
        var decoder = new HpackDecoder();
        var list = new FieldList(200);
        var block = new BlockWriter().Literal("first", new string('a', 100), 0x40).Literal("second", new string('b', 100), 0x40).Literal("third", "c", 0x40).ToArray();
        Assert.Equal(HpackError.None, decoder.Decode(block, list));
        Assert.True(list.IsTooLarge);
        Assert.Equal(1, list.Count);
        Assert.Equal(["third: c", $"second: {new string('b', 100)}"], FieldText.Decode(decoder, new BlockWriter().Indexed(62).Indexed(63).ToArray()));
    }

    [Fact]
    public void Common_requests_are_decoded_without_allocation()
    {
        var decoder = new HpackDecoder();
        var list = new FieldList(32 * 1024);
        var first = new BlockWriter().Literal(2, "CONNECT", 0x40).Literal(1, "destination.example:443", 0x00, huffman: true)
            .Literal(49, "PrivateToken token=\"" + new string('A', 472) + "\"", 0x10, huffman: true).Literal(58, "client/1.0", 0x40).ToArray();
        var later = new BlockWriter().Indexed(63).Literal(1, "destination.example:443", 0x00, huffman: true)
            .Literal(49, "PrivateToken token=\"" + new string('A', 472) + "\"", 0x10, huffman: true).Indexed(62).ToArray();
        decoder.Decode(first, list);
        list.Clear();
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                list.Clear();
                decoder.Decode(later, list);
            }
        }));
        Assert.Equal(4, list.Count);
    }
}
