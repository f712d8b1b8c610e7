using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace PrivacyPass.Tests.Structures;

public sealed class TokenChallengeTests
{
    private static readonly Gen<TokenChallenge> _challenges =
        from type in Gen.Elements(TokenType.VoprfP384, TokenType.BlindRsa2048)
        from issuer in Gen.Elements("i", "issuer.example", "https://ipprotection-ppissuer.googleapis.com", "é", new string('x', 65535))
        from context in Gen.Elements(Array.Empty<byte>(), Enumerable.Range(1, 32).Select(i => (byte)i).ToArray())
        from origin in Gen.Elements("", "origin.example", "a.example,b.example", new string('y', 65535))
        select new TokenChallenge(type, issuer, context, origin);

    [Property]
    public Property Every_challenge_written_is_read_back() => Prop.ForAll(_challenges.ToArbitrary(), challenge =>
        TokenChallenge.TryRead(challenge.Encoded.Span, out var read) == TokenChallengeError.None
        && read!.Type == challenge.Type && read.IssuerName == challenge.IssuerName && read.OriginInfo == challenge.OriginInfo
        && read.RedemptionContext.Span.SequenceEqual(challenge.RedemptionContext.Span)
        && read.Encoded.Span.SequenceEqual(challenge.Encoded.Span) && read.Digest.Span.SequenceEqual(challenge.Digest.Span));

    [Fact]
    public void Every_truncation_is_reported_as_one()
    {
        var encoded = new TokenChallenge(TokenType.BlindRsa2048, "issuer.example", new byte[32], "origin.example").Encoded;
        for (var length = 0; length < encoded.Length; length++)
        {
            Assert.Equal(TokenChallengeError.Truncated, TokenChallenge.TryRead(encoded.Span[..length], out var challenge));
            Assert.Null(challenge);
        }
    }

    [Property(MaxTest = 1000)]
    public Property Random_bytes_are_never_read_into_anything_but_themselves() => Prop.ForAll<byte[]>(bytes =>
    {
        byte[] typed = [0, 2, .. bytes];
        var isEqual = TokenChallenge.TryRead(typed, out var challenge) == TokenChallengeError.None
            ? new TokenChallenge(challenge!.Type, challenge.IssuerName, challenge.RedemptionContext.Span, challenge.OriginInfo).Encoded.Span.SequenceEqual(typed)
            : challenge is null;
        TokenChallenge.TryRead(bytes, out _);
        return isEqual;
    });

    [Theory]
    [InlineData("", TokenChallengeError.Truncated)]
    [InlineData("00", TokenChallengeError.Truncated)]
    [InlineData("0000", TokenChallengeError.GreasedType)]
    [InlineData("F057FFFF", TokenChallengeError.GreasedType)]
    [InlineData("0003", TokenChallengeError.UnsupportedType)]
    [InlineData("DA7B000169000000", TokenChallengeError.UnsupportedType)]
    [InlineData("00020000000000", TokenChallengeError.EmptyIssuerName)]
    [InlineData("0002000169010000", TokenChallengeError.BadRedemptionContextLength)]
    [InlineData("0002000169210000", TokenChallengeError.BadRedemptionContextLength)]
    [InlineData("0002000169000000FF", TokenChallengeError.TrailingBytes)]
    [InlineData("00020001FF000000", TokenChallengeError.NotText)]
    [InlineData("0002000169000001C0", TokenChallengeError.NotText)]
    [InlineData("0002000169000000", TokenChallengeError.None)]
    public void Bytes_that_are_no_challenge_are_refused_with_their_reason(string hex, TokenChallengeError reason)
    {
        Assert.Equal(reason, TokenChallenge.TryRead(Convert.FromHexString(hex), out var challenge));
        Assert.Equal(reason == TokenChallengeError.None, challenge is not null);
    }

    [Fact]
    public void Fields_out_of_bounds_are_the_callers_error()
    {
        Assert.Throws<ArgumentException>(() => new TokenChallenge(TokenType.BlindRsa2048, "", default, ""));
        Assert.Throws<ArgumentException>(() => new TokenChallenge(TokenType.BlindRsa2048, new string('x', 65536), default, ""));
        Assert.Throws<ArgumentException>(() => new TokenChallenge(TokenType.BlindRsa2048, "i", new byte[31], ""));
        Assert.Throws<ArgumentException>(() => new TokenChallenge(TokenType.BlindRsa2048, "i", default, new string('é', 32768)));
        Assert.Throws<ArgumentException>(() => new TokenChallenge(TokenType.BlindRsa2048, "\ud800", default, ""));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenChallenge((TokenType)0x0003, "i", default, ""));
    }

    [Theory]
    [InlineData("", "anything.example", true)]
    [InlineData("proxy.example", "proxy.example", true)]
    [InlineData("proxy.example", "PROXY.example", true)]
    [InlineData("proxy.example", "proxy.example:443", true)]
    [InlineData("proxy.example:443", "proxy.example", true)]
    [InlineData("proxy.example", "proxy.example:8443", false)]
    [InlineData("proxy.example:8443", "proxy.example:8443", true)]
    [InlineData("proxy.example:8443", "proxy.example", false)]
    [InlineData("a.example,proxy.example", "proxy.example", true)]
    [InlineData("a.example, proxy.example", "proxy.example", true)]
    [InlineData("a.example,proxy.example", "example", false)]
    [InlineData("proxy.example", "proxy.example.evil", false)]
    [InlineData("proxy.example,", "", false)]
    [InlineData("[::1]:443", "[::1]", true)]
    [InlineData("2001:db8::443", "2001:db8:", false)]
    public void A_server_is_allowed_when_its_name_is_listed_or_no_name_is(string originInfo, string server, bool allowed) =>
        Assert.Equal(allowed, new TokenChallenge(TokenType.BlindRsa2048, "i", default, originInfo).AllowsOrigin(server));
}
