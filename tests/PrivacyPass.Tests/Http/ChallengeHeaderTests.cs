using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

public sealed class ChallengeHeaderTests
{
    private static readonly byte[] _challenge = new TokenChallenge(TokenType.BlindRsa2048, "issuer.example", default, "proxy.example").Encoded.ToArray();
    private static readonly string _text = PaddedBase64Url.Encode(_challenge);

    [Fact]
    public void A_challenge_is_written_quoted_and_padded()
    {
        var challenge = new PrivateTokenChallenge(_challenge, new byte[] { 1 }, 10, "a \"b\" \\");

        Assert.Equal($"PrivateToken challenge=\"{_text}\", token-key=\"AQ==\", max-age=\"10\", realm=\"a \\\"b\\\" \\\\\"", challenge.Write());
    }

    [Fact]
    public void Optional_parameters_are_left_out_and_read_as_null()
    {
        var challenge = Assert.Single(PrivateTokenChallenge.ReadAll([new PrivateTokenChallenge(_challenge).Write()]));

        Assert.Null(challenge.TokenKey);
        Assert.Null(challenge.MaxAge);
        Assert.Null(challenge.Realm);
    }

    [Fact]
    public void Challenges_of_several_fields_keep_their_order_and_other_schemes_are_skipped()
    {
        string[] fields =
        [
            $"Negotiate, Basic realm=\"PrivateToken challenge=\\\"x\\\"\", PrivateToken challenge=\"{_text}\", max-age=1",
            "NTLM TlRMTVNTUAAB==",
            $"Digest realm=\"a\", nonce=b, PrivateToken challenge={_text}, max-age=2, privatetoken max-age=3, CHALLENGE={_text.TrimEnd('=')}",
        ];

        Assert.Equal([1, 2, 3], PrivateTokenChallenge.ReadAll(fields).Select(c => c.MaxAge));
        Assert.Equal(
            ["Negotiate", "Basic", "PrivateToken", "NTLM", "Digest", "PrivateToken", "privatetoken"],
            PrivateTokenChallenge.ReadEach(fields).Select(r => r.Scheme));
    }

    [Fact]
    public void Parameters_separated_by_white_space_alone_are_read()
    {
        var challenge = Assert.Single(PrivateTokenChallenge.ReadAll([$"PrivateToken challenge=\"{_text}\" token-key=\"AQ==\" max-age=5"]));

        Assert.Equal([1], challenge.TokenKey!.Value.ToArray());
        Assert.Equal(5, challenge.MaxAge);
    }

    public static TheoryData<string, PrivateTokenChallengeError> Skipped => new()
    {
        { "Basic realm=\"x\"", PrivateTokenChallengeError.OtherScheme },
        { "PrivateToken", PrivateTokenChallengeError.NoChallenge },
        { "PrivateToken max-age=1", PrivateTokenChallengeError.NoChallenge },
        { $"PrivateToken {_text}", PrivateTokenChallengeError.MalformedSyntax },
        { $"challenge=\"{_text}\"", PrivateTokenChallengeError.MalformedSyntax },
        { $"PrivateToken challenge=\"{_text}", PrivateTokenChallengeError.MalformedSyntax },
        { $"PrivateToken challenge=\"{_text}\", @", PrivateTokenChallengeError.MalformedSyntax },
        { $"PrivateToken challenge=\"{_text}\", max-age=-1", PrivateTokenChallengeError.MalformedSyntax },
        { $"PrivateToken challenge=\"{_text}\", max-age=\"1 \"", PrivateTokenChallengeError.MalformedSyntax },
        { $"PrivateToken challenge=\"{_text}\", challenge=\"{_text}\"", PrivateTokenChallengeError.DuplicateParameter },
        { $"PrivateToken challenge=\"{_text}\", max-age=1, Max-Age=1", PrivateTokenChallengeError.DuplicateParameter },
        { "PrivateToken challenge=\"AA+A\"", PrivateTokenChallengeError.NotBase64Url },
        { "PrivateToken challenge=\"AAJ=\"", PrivateTokenChallengeError.NotBase64Url },
        { $"PrivateToken challenge=\"{_text}\", token-key=\"A\"", PrivateTokenChallengeError.NotBase64Url },
        { "PrivateToken challenge=\"\"", PrivateTokenChallengeError.MalformedChallenge },
        { "PrivateToken challenge=\"AA==\"", PrivateTokenChallengeError.MalformedChallenge },
        { "PrivateToken challenge=\"AAI=\"", PrivateTokenChallengeError.MalformedChallenge },
        { "PrivateToken challenge=\"AAM=\"", PrivateTokenChallengeError.UnsupportedType },
        { "PrivateToken challenge=\"8Fc=\"", PrivateTokenChallengeError.GreasedType },
    };

    [Theory]
    [MemberData(nameof(Skipped))]
    public void A_challenge_that_cannot_be_answered_is_skipped_with_its_reason_and_the_next_one_read(string field, PrivateTokenChallengeError reason)
    {
        Assert.Equal(reason, Assert.Single(PrivateTokenChallenge.ReadEach([field])).Error);
        Assert.Single(PrivateTokenChallenge.ReadAll([field, $"PrivateToken challenge=\"{_text}\""]));
    }

    [Fact]
    public void After_malformed_text_reading_goes_on_at_the_next_scheme()
    {
        string[] fields = [$"PrivateToken challenge=@\"a, PrivateToken b\", token-key=x, PrivateToken challenge=\"{_text}\""];

        Assert.Equal(
            [PrivateTokenChallengeError.MalformedSyntax, PrivateTokenChallengeError.None],
            PrivateTokenChallenge.ReadEach(fields).Select(r => r.Error));
    }

    [Fact]
    public void More_seconds_than_an_int_holds_are_as_many_as_it_holds() =>
        Assert.Equal(int.MaxValue, Assert.Single(PrivateTokenChallenge.ReadAll([$"PrivateToken challenge={_text}, max-age=99999999999999999999"])).MaxAge);

    [Fact]
    public void No_more_than_64_challenges_are_read()
    {
        var field = string.Join(", ", Enumerable.Repeat($"PrivateToken challenge={_text}", 40));

        Assert.Equal(64, PrivateTokenChallenge.ReadEach([field, field]).Count);
    }

    [Fact]
    public void A_challenge_that_cannot_be_written_is_the_callers_error()
    {
        Assert.Throws<ArgumentException>(() => new PrivateTokenChallenge(new byte[1]));
        Assert.Throws<ArgumentException>(() => new PrivateTokenChallenge(_challenge, realm: "a\r\nb"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PrivateTokenChallenge(_challenge, maxAge: -1));
    }
}
