using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

public sealed class ChallengeHeaderVectorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Challenges_of_RFC_9577_A2_are_read_and_greased_ones_skipped(int index)
    {
        var vector = VectorFile.Read("rfc9577_A2_http_headers")[index];
        var expected = vector.GetProperty("challenges").EnumerateArray()
            .Where(c => !GreasedTokenTypes.IsGreased(Convert.ToUInt16(c.Text("token-type"), 16))).ToArray();

        var challenges = PrivateTokenChallenge.ReadAll([vector.Text("www_authenticate")]);

        Assert.Equal(expected.Length, challenges.Count);
        foreach (var (want, challenge) in expected.Zip(challenges)) AssertEqual(want, challenge);
    }

    [Fact]
    public void The_third_header_of_RFC_9577_A2_is_Basic_then_greased_then_valid()
    {
        var vector = VectorFile.Read("rfc9577_A2_http_headers").Single(v => v.GetProperty("_index").GetInt32() == 3);

        var readings = PrivateTokenChallenge.ReadEach([vector.Text("www_authenticate")]);

        Assert.Equal(
            [PrivateTokenChallengeError.OtherScheme, PrivateTokenChallengeError.GreasedType, PrivateTokenChallengeError.None],
            readings.Select(r => r.Error));
        Assert.Equal(["Basic", "PrivateToken", "PrivateToken"], readings.Select(r => r.Scheme));
        var greased = vector.GetProperty("challenges")[0];
        Assert.Equal(0x0000, readings[1].Challenge!.TokenType);
        Assert.Equal(greased.Hex("token-challenge"), readings[1].Challenge!.Challenge.ToArray());
        Assert.Equal(greased.Hex("token-key"), readings[1].Challenge!.TokenKey!.Value.ToArray());
    }

    [Fact]
    public void Unquoted_padded_parameters_are_read()
    {
        var vector = Assert.Single(VectorFile.Read("extra_header_unquoted_params"));

        var challenge = Assert.Single(PrivateTokenChallenge.ReadAll([vector.Text("WWW-Authenticate")]));

        Assert.Equal(vector.GetProperty("token-type-0").GetInt32(), challenge.TokenType);
        Assert.Equal(vector.Hex("token-challenge-0"), challenge.Challenge.ToArray());
        Assert.Equal(vector.Hex("token-key-0"), challenge.TokenKey!.Value.ToArray());
        Assert.Equal(vector.GetProperty("max-age-0").GetInt32(), challenge.MaxAge);
    }

    private static void AssertEqual(JsonElement expected, PrivateTokenChallenge actual)
    {
        Assert.Equal(Convert.ToUInt16(expected.Text("token-type"), 16), actual.TokenType);
        Assert.Equal(expected.Hex("token-challenge"), actual.Challenge.ToArray());
        Assert.Equal(expected.Hex("token-key"), actual.TokenKey!.Value.ToArray());
        Assert.Equal(expected.Text("max-age"), actual.MaxAge!.Value.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(actual.Challenge.Span), actual.TokenType);
    }
}
