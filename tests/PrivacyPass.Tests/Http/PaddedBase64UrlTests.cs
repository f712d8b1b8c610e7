using System.Buffers.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

public sealed class PaddedBase64UrlTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    [Property]
    public Property Every_byte_string_is_written_padded_and_read_back_padded_or_not() => Prop.ForAll<byte[]>(bytes =>
    {
        var text = PaddedBase64Url.Encode(bytes);
        var equal = text.Length % 4 == 0
            && text.TrimEnd('=') == Base64Url.EncodeToString(bytes)
            && PaddedBase64Url.Decode(text, out _)!.SequenceEqual(bytes)
            && PaddedBase64Url.Decode(text.TrimEnd('='), out _)!.SequenceEqual(bytes);
        return equal;
    });

    [Fact]
    public void Of_all_last_characters_only_those_without_trailing_bits_are_read()
    {
        foreach (var c in Alphabet)
        {
            var value = Alphabet.IndexOf(c, StringComparison.Ordinal);
            PaddedBase64Url.Decode($"A{c}", out var two);
            PaddedBase64Url.Decode($"AA{c}", out var three);
            Assert.Equal(value % 16 == 0 ? Base64UrlError.None : Base64UrlError.NonCanonical, two);
            Assert.Equal(value % 4 == 0 ? Base64UrlError.None : Base64UrlError.NonCanonical, three);
        }
    }

    [Fact]
    public void A_character_outside_the_alphabet_is_refused_at_any_place()
    {
        for (var c = '\0'; c < 0x180; c++)
        {
            if (Alphabet.Contains(c, StringComparison.Ordinal)) continue;
            for (var at = 0; at < 40; at++)
            {
                var text = new string('A', at) + c + new string('A', 39 - at);
                if (c == '=' && at == 39) continue; // one '=' of padding is what this length asks for
                Assert.Null(PaddedBase64Url.Decode(text, out var error));
                Assert.Equal(Base64UrlError.NotBase64Url, error);
            }
        }
    }

    [Theory]
    [InlineData("A")]
    [InlineData("=")]
    [InlineData("==")]
    [InlineData("AA=")]
    [InlineData("AAA==")]
    [InlineData("AAAA=")]
    [InlineData("AAAA====")]
    [InlineData("AA===")]
    [InlineData("AA==AA==")]
    public void Impossible_lengths_and_misplaced_padding_are_refused(string text)
    {
        Assert.Null(PaddedBase64Url.Decode(text, out var error));
        Assert.Equal(Base64UrlError.NotBase64Url, error);
    }

    [Fact]
    public void A_destination_too_small_is_reported_without_writing_a_length()
    {
        Assert.Equal(Base64UrlError.TooLong, PaddedBase64Url.Decode("AAAA", new byte[2], out var length));
        Assert.Equal(0, length);
    }
}
