using System.Text;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Wire;

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
        Assert.False(MemcachedLinkOptions.IsKeyPrefix(prefix, tagged: false));
        Assert.Throws<ArgumentException>(() => new CommandEncoder(prefix));
    }

    [Fact]
    public void A_prefix_that_makes_keys_too_long_is_refused() =>
        Assert.False(MemcachedLinkOptions.IsKeyPrefix(new string('p', MemcachedLinkOptions.LongestKeyPrefix + 1), tagged: false));

    [Theory]
    [InlineData("pp:", true)]
    [InlineData("p|q:", false)]
    [InlineData("p|#|", false)]
    public void A_prefix_that_ends_the_tag_is_refused_in_front_of_a_router(string prefix, bool good)
    {
        Assert.Equal(good, MemcachedLinkOptions.IsKeyPrefix(prefix, tagged: true));
        Assert.True(MemcachedLinkOptions.IsKeyPrefix(prefix, tagged: false));
    }

    [Fact]
    public void A_tag_leaves_less_room_for_the_prefix()
    {
        var longest = new string('p', MemcachedLinkOptions.LongestTaggedKeyPrefix);
        Assert.True(MemcachedLinkOptions.IsKeyPrefix(longest, tagged: true));
        Assert.False(MemcachedLinkOptions.IsKeyPrefix(longest + "p", tagged: true));
        var encoder = new CommandEncoder(longest, 512);
        var buffer = new byte[encoder.LongestCommand];
        Assert.Equal(encoder.LongestCommand, encoder.WriteAddMarked(buffer, _key, long.MinValue));
        Assert.Equal("get ".Length + 250 + "\r\n".Length, encoder.WriteGet(buffer, _key));
    }

    [Fact]
    public void With_tags_a_key_has_that_of_its_hash_and_the_marker_of_the_tag_is_read_behind_it()
    {
        var encoder = new CommandEncoder("pp:", 512);
        var tag = KeyTag.Text((int)(_key.Hash % 512));
        Assert.Equal(KeyTag.Length, tag.Length);
        Assert.EndsWith("|#|", tag);
        var buffer = new byte[encoder.LongestCommand];
        Assert.Equal($"get pp:{tag}{KeyText}\r\n", Encoding.ASCII.GetString(buffer, 0, encoder.WriteGet(buffer, _key)));
        Assert.Equal($"add pp:{tag}{KeyText} 0 9 1\r\n1\r\n", Encoding.ASCII.GetString(buffer, 0, encoder.WriteAdd(buffer, _key, 9)));
        Assert.Equal($"add pp:{tag}{KeyText} 0 9 1\r\n1\r\nget pp:{tag}epoch\r\n", Encoding.ASCII.GetString(buffer, 0, encoder.WriteAddMarked(buffer, _key, 9)));
        Assert.True(encoder.IsKey(Encoding.ASCII.GetBytes($"pp:{tag}{KeyText}"), _key));
        Assert.False(encoder.IsKey(Encoding.ASCII.GetBytes($"pp:{KeyText}"), _key));
        Assert.False(encoder.IsKey(Encoding.ASCII.GetBytes($"pp:{KeyTag.Text(1)}{KeyText}"), _key));
        Assert.True(encoder.IsMarkerKey(Encoding.ASCII.GetBytes($"pp:{tag}epoch"), _key));
        Assert.False(encoder.IsMarkerKey(Encoding.ASCII.GetBytes($"pp:{KeyTag.Text(1)}epoch"), _key));
        Assert.False(encoder.IsMarkerKey(Encoding.ASCII.GetBytes($"pp:{tag}{KeyText}"), _key));
    }

    [Fact]
    public void No_two_numbers_have_one_tag_and_neighbours_begin_differently()
    {
        Assert.Equal(KeyTag.Most, Enumerable.Range(0, KeyTag.Most).Select(KeyTag.Text).Distinct().Count());
        // A weak hash leaves keys that differ in their last characters together: so must not be all of the first few.
        Assert.InRange(Enumerable.Range(0, 16).Select(static number => KeyTag.Text(number)[0]).Distinct().Count(), 12, 16);
    }

    [Theory]
    [InlineData("pp:" + KeyText, true)]
    [InlineData("pq:" + KeyText, false)]
    [InlineData("pp:" + KeyText + "A", false)]
    [InlineData("pp:" + "A" + KeyText, false)]
    [InlineData(KeyText, false)]
    public void A_key_is_known_again(string text, bool same) => Assert.Equal(same, new CommandEncoder("pp:").IsKey(Encoding.ASCII.GetBytes(text), _key));
}
