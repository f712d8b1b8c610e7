using PrivacyRelay.Upstream;

namespace PrivacyRelay.Tests.Upstream;

public sealed class ToldPlaceTests
{
    private const string Proof = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("xn76c-JP")]
    [InlineData("u-DE")]
    [InlineData("xn774c-JP;proof=" + Proof)]
    public void What_the_first_proxy_says_goes_to_the_second_as_it_is(string hint) => Assert.Equal(hint, Told(hint));

    [Theory]
    [InlineData("xn774ct-JP")] // a house
    [InlineData("xn76c-jp")]
    [InlineData("XN76C-JP")]
    [InlineData("xn76c")]
    [InlineData("-JP")]
    [InlineData("")]
    [InlineData("xn76c-JP;proof=" + Proof + "0")]
    [InlineData("xn76c-JP;proof=0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("xn76c-JP;user=42")]
    [InlineData("xn76c-JP;user=42;proof=" + Proof)]
    [InlineData("xn76c-JP, xn76b-JP")]
    public void What_could_tell_the_relay_from_others_or_is_no_hint_goes_nowhere(string hint) => Assert.Null(Told(hint));

    [Fact]
    public void The_last_answer_counts()
    {
        var place = new ToldPlace();
        place.Hear(Answer("xn76c-JP"));
        place.Hear(Answer("u33d-DE"));
        Assert.Equal("u33d-DE", place.Hint);
        place.Hear(Answer());
        Assert.Null(place.Hint);
        place.Hear(Answer("u33d-DE", "xn76c-JP"));
        Assert.Null(place.Hint);
    }

    private static string? Told(string hint)
    {
        var place = new ToldPlace();
        place.Hear(Answer(hint));
        return place.Hint;
    }

    private static ConnectResponse Answer(params string[] hints) =>
        ConnectResponse.Parse(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{string.Concat(hints.Select(static hint => $"sec-ch-geohash: {hint}\r\n"))}\r\n"))!;
}
