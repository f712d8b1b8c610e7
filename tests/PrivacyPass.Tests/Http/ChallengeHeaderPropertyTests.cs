using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

public sealed class ChallengeHeaderPropertyTests
{
    private static readonly Gen<PrivateTokenChallenge> _challenges =
        from origin in Gen.Elements("", "proxy.example", "a.example,b.example:8443")
        from key in Gen.OneOf(Gen.Constant((byte[]?)null), Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().Select(b => (byte[]?)b))
        from age in Gen.OneOf(Gen.Constant((int?)null), Gen.Choose(0, int.MaxValue - 1).Select(a => (int?)a))
        from realm in Gen.OneOf(Gen.Constant((string?)null), Gen.Elements('a', '"', '\\', ',', ' ', '\t', '=', 'é').ArrayOf().Select(c => (string?)new string(c)))
        select new PrivateTokenChallenge(
            new TokenChallenge(TokenType.VoprfP384, "issuer.example", default, origin).Encoded, key is null ? (ReadOnlyMemory<byte>?)null : key, age, realm);

    [Property]
    public Property Every_challenge_written_is_read_back() =>
        Prop.ForAll(_challenges.ToArbitrary(), challenge =>
            PrivateTokenChallenge.ReadAll([challenge.Write()]) is [var read] && AreEqual(challenge, read));

    [Property]
    public Property Challenges_joined_in_one_field_are_read_as_from_fields_of_their_own() =>
        Prop.ForAll(_challenges.ToArbitrary(), _challenges.ToArbitrary(), (a, b) =>
            PrivateTokenChallenge.ReadAll([$"{a.Write()}, Basic realm=\"x\", {b.Write()}"]) is [var first, var second] && AreEqual(a, first) && AreEqual(b, second));

    [Property(MaxTest = 1000)]
    public Property Random_text_of_header_fragments_never_throws_and_yields_readable_challenges_only() =>
        Prop.ForAll(HeaderText.Fragments.ToArbitrary(), text =>
            PrivateTokenChallenge.ReadAll([text, "PrivateToken " + text]).All(c => TokenChallenge.TryRead(c.Challenge.Span, out _) == TokenChallengeError.None));

    [Property(MaxTest = 1000)]
    public Property Any_string_at_all_is_read_without_an_exception() =>
        Prop.ForAll<string>(text => PrivateTokenChallenge.ReadAll([text]).Count == 0);

    [Fact]
    public void Every_truncation_of_a_field_gives_the_whole_challenge_or_none()
    {
        var challenge = new PrivateTokenChallenge(new TokenChallenge(TokenType.VoprfP384, "issuer.example", default, "a").Encoded, new byte[49], 7, "r");
        var field = challenge.Write();
        for (var length = 0; length < field.Length; length++)
        {
            foreach (var read in PrivateTokenChallenge.ReadAll([field[..length]])) Assert.Equal(challenge.Challenge.ToArray(), read.Challenge.ToArray());
        }
    }

    private static bool AreEqual(PrivateTokenChallenge a, PrivateTokenChallenge b) =>
        a.Challenge.Span.SequenceEqual(b.Challenge.Span) && a.MaxAge == b.MaxAge && a.Realm == b.Realm
        && a.TokenKey.HasValue == b.TokenKey.HasValue && (a.TokenKey is not { } key || key.Span.SequenceEqual(b.TokenKey!.Value.Span));
}
