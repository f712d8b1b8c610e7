using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.Http;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Redemption;

public sealed class KeyLifeTests
{
    private static string NewToken(PrivacyPass.ITokenIssuer issuer) => RedemptionWorld.Header(RedemptionWorld.Token(issuer));

    [Fact]
    public async Task A_key_removed_from_the_directory_is_accepted_through_its_grace_only_and_not_offered_once_replaced()
    {
        await using var world = new RedemptionWorld();
        world.List(RedemptionWorld.OtherRsa);
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(NewToken(RedemptionWorld.Rsa)));
        var offered = PrivateTokenChallenge.ReadAll(world.Keys.Current.ChallengeFields).First(challenge => challenge.TokenType == 2);
        Assert.Equal(RedemptionWorld.OtherRsa.PublicKey.ToArray(), offered.TokenKey!.Value.ToArray());

        world.Time.Advance(TimeSpan.FromMinutes(61));
        world.Keys.Advance();
        Assert.Equal(RedemptionResult.UnknownKey, await world.RedeemAsync(NewToken(RedemptionWorld.Rsa)));
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(NewToken(RedemptionWorld.OtherRsa)));
    }

    [Fact]
    public async Task A_key_listed_again_lives_on_and_its_spent_tokens_stay_spent()
    {
        await using var world = new RedemptionWorld();
        world.List(RedemptionWorld.OtherRsa);
        var spent = NewToken(RedemptionWorld.Rsa);
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(spent));
        world.Time.Advance(TimeSpan.FromHours(2));
        world.List(RedemptionWorld.Rsa, RedemptionWorld.OtherRsa);
        ((PrivacyPass.SpentTokens.Memory.MemorySpentTokenStore)world.Store).Sweep();
        Assert.Equal(RedemptionResult.AlreadySpent, await world.RedeemAsync(spent));
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(NewToken(RedemptionWorld.Rsa)));
    }

    [Fact]
    public async Task A_key_ends_with_its_lifetime_though_it_is_still_listed()
    {
        await using var world = new RedemptionWorld();
        world.Time.Advance(TimeSpan.FromHours(25));
        Assert.NotEqual(RedemptionResult.Accepted, await world.RedeemAsync(NewToken(RedemptionWorld.Rsa)));
        world.List(RedemptionWorld.Rsa);
        Assert.Equal([RedemptionWorld.Issuer], world.Keys.Current.Pending);
        Assert.Equal(RedemptionResult.NotReady, await world.RedeemAsync(NewToken(RedemptionWorld.Rsa)));
    }

    [Fact]
    public async Task A_key_is_not_offered_before_its_time()
    {
        await using var world = new RedemptionWorld(loaded: false);
        var start = world.Time.GetUtcNow().AddMinutes(10);
        world.Keys.Update(world.Source, [new ListedKey(RedemptionWorld.Rsa.KeyId, start, null, RedemptionWorld.Rsa.CreateVerifier)]);
        Assert.Empty(world.Keys.Current.ChallengeFields);
        world.Time.SetUtcNow(start);
        world.Keys.Advance();
        Assert.Single(world.Keys.Current.ChallengeFields);
        Assert.Equal(407, world.Redeemer.Refuse(RedemptionResult.Missing, TunnelKind.Connect).Status);
    }

    [Fact]
    public void Spent_tokens_outlive_every_proxys_view_of_the_key_even_of_those_that_see_it_a_lifetime_later()
    {
        var lifetime = TimeSpan.FromDays(1);
        var options = new IssuerOptions { Name = RedemptionWorld.Issuer, KeyLifetime = lifetime };
        var start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        AcceptedKey Seen(DateTimeOffset now, DateTimeOffset? notBefore)
        {
            var keys = new IssuerKeys(options);
            keys.Update([new ListedKey(RedemptionWorld.Rsa.KeyId, notBefore, null, RedemptionWorld.Rsa.CreateVerifier)], now);
            return keys.Keys.Single();
        }

        var (early, late) = (Seen(start, null), Seen(start + lifetime, null));
        Assert.True(early.Expires >= late.NotAfter.ToUnixTimeSeconds());
        Assert.Equal(start + lifetime, early.NotAfter);
        var known = Seen(start + lifetime / 2, start);
        Assert.Equal(known.NotAfter.ToUnixTimeSeconds(), known.Expires);
    }
}
