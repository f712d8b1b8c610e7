using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyRelay.Tests.Upstream.Http3;

public sealed class QpackTests
{
    /// <summary>An unknown field whose value is the text of an example of RFC 7541, appendix C.</summary>
    [Theory]
    [InlineData("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com")]
    [InlineData("a8eb10649cbf", "no-cache")]
    [InlineData("d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT")]
    public void Huffman_text_is_read_as_in_the_RFC(string encoded, string text)
    {
        Assert.True(Qpack.TryReadResponse(WithValue(Convert.FromHexString(encoded)), out _, out var fields));
        Assert.Equal(text, Assert.Single(fields["x"]));
    }

    [Theory]
    [InlineData("ffffffff")]
    [InlineData("ff")]
    [InlineData("00")]
    public void Huffman_text_with_an_end_mark_or_false_padding_is_refused(string encoded) =>
        Assert.False(Qpack.TryReadResponse(WithValue(Convert.FromHexString(encoded)), out _, out _));

    private static byte[] WithValue(byte[] huffman) => [0, 0, 0xd9, 0x21, (byte)'x', (byte)(0x80 | huffman.Length), .. huffman];

    /// <summary>Status by index, by name and as a literal; a field by a name the static table has, which means nothing; then ours.</summary>
    [Theory]
    [InlineData("0000d9", 200)]
    [InlineData("0000ff00", 100)]
    [InlineData("0000ff08", 500)]
    [InlineData("00005f0903343031", 401)]
    [InlineData("000027003a73746174757303343037", 407)]
    public void The_status_is_read_in_every_form(string section, int expected)
    {
        Assert.True(Qpack.TryReadResponse(Convert.FromHexString(section), out var status, out _));
        Assert.Equal(expected, status);
    }

    [Property]
    public Property What_is_written_is_read() =>
        Prop.ForAll<NonNull<string>[]>(values =>
        {
            var fields = values.Select((value, i) => KeyValuePair.Create($"field-{i}", new string([.. value.Item.Where(c => c < 256)])));
            return Qpack.TryReadResponse(Qpack.Write([new(":status", "200"), .. fields]), out var status, out var read)
                && status == 200 && fields.All(field => read![field.Key].Single() == field.Value);
        });

    [Property(MaxTest = 10_000)]
    public Property Whatever_comes_is_read_or_refused() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            _ = Qpack.TryReadResponse(bytes, out _, out _);
            return !Qpack.TryReadResponse([0, 0, .. bytes], out var status, out _) || status is >= 100 and <= 999;
        });
}
