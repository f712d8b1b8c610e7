using System.Text;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

public sealed class CommandEncoderTests
{
    private static readonly SpentTokenKey _key = new([.. Enumerable.Repeat((byte)0xfb, 32)]);
    private const string KeyText = "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s";

    [Fact]
    public void Commands_are_those_of_the_classic_text_protocol()
    {
        var encoder = new CommandEncoder("pp:");
        var buffer = new byte[encoder.LongestCommand];
        Assert.Equal($"get pp:{KeyText}\r\n", Encoding.ASCII.GetString(buffer, 0, encoder.WriteGet(buffer, _key)));
        Assert.Equal($"add pp:{KeyText} 0 1900000000 1\r\n1\r\n", Encoding.ASCII.GetString(buffer, 0, encoder.WriteAdd(buffer, _key, 1_900_000_000)));
    }

    [Fact]
    public void The_longest_command_fits_the_room_it_is_given()
    {
        var encoder = new CommandEncoder(new string('p', MemcachedLinkOptions.LongestKeyPrefix));
        Assert.Equal(encoder.LongestCommand, encoder.WriteAdd(new byte[encoder.LongestCommand], _key, long.MinValue));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\u007f")]
    [InlineData("é")]
    public void A_prefix_that_would_break_the_line_is_refused(string prefix)
    {
        Assert.False(MemcachedLinkOptions.IsKeyPrefix(prefix));
        Assert.Throws<ArgumentException>(() => new CommandEncoder(prefix));
    }

    [Fact]
    public void A_prefix_that_makes_keys_too_long_is_refused() =>
        Assert.False(MemcachedLinkOptions.IsKeyPrefix(new string('p', MemcachedLinkOptions.LongestKeyPrefix + 1)));

    [Theory]
    [InlineData("pp:" + KeyText, true)]
    [InlineData("pq:" + KeyText, false)]
    [InlineData("pp:" + KeyText + "A", false)]
    [InlineData("pp:" + "A" + KeyText, false)]
    [InlineData(KeyText, false)]
    public void A_key_is_known_again(string text, bool same) => Assert.Equal(same, new CommandEncoder("pp:").IsKey(Encoding.ASCII.GetBytes(text), _key));
}
