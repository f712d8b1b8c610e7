using Microsoft.Extensions.Configuration;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.Http;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>What the proxy's challenges say: in which order, with which redemption context, and with what grease.</summary>
public sealed class ChallengeTests
{
    private const string Secret = "a secret that all proxies share.";

    private static readonly TimeSpan _window = TimeSpan.FromMinutes(10);

    private static RedemptionWorld Windowed(string secret = Secret) => new(null, true, ("Authentication:ContextWindow", "00:10:00"), ("Authentication:ContextSecret", secret));

    private static string Answer(RedemptionWorld world)
    {
        var challenge = PrivateTokenChallenge.ReadAll(world.Keys.Current.ChallengeFields).First(static one => one.TokenType == 2);
        Assert.Equal((int)_window.TotalSeconds, challenge.MaxAge);
        TokenChallenge.TryRead(challenge.Challenge.Span, out var read);
        return RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa, read));
    }

    private static void Advance(RedemptionWorld world, TimeSpan time)
    {
        world.Time.Advance(time);
        world.Keys.Advance();
    }

    /// <summary>To just behind the beginning of a window.</summary>
    private static void Align(params RedemptionWorld[] worlds)
    {
        foreach (var world in worlds) Advance(world, TimeSpan.FromTicks(_window.Ticks - world.Time.GetUtcNow().UtcTicks % _window.Ticks) + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_token_is_taken_in_the_window_of_its_challenge_and_in_the_next_and_not_later()
    {
        await using var world = Windowed();
        Align(world);
        var (now, next, late) = (Answer(world), Answer(world), Answer(world));
        Assert.Equal(RedemptionResult.WrongChallenge, await world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa))));
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(now));
        Advance(world, _window);
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(next));
        Assert.Equal(RedemptionResult.AlreadySpent, await world.RedeemAsync(now));
        Advance(world, _window);
        Assert.Equal(RedemptionResult.WrongChallenge, await world.RedeemAsync(late));
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(Answer(world)));
    }

    [Fact]
    public async Task Proxies_of_one_secret_take_each_others_tokens_though_their_clocks_differ_and_those_of_another_do_not()
    {
        await using var ahead = Windowed();
        await using var behind = Windowed();
        await using var other = Windowed("a secret that only one proxy has.");
        Align(ahead, behind, other);
        // The one is in the next window already, the other will be in half a minute.
        Advance(behind, _window - TimeSpan.FromSeconds(31));
        Advance(ahead, _window);
        Assert.Equal(RedemptionResult.Accepted, await behind.RedeemAsync(Answer(ahead)));
        Assert.Equal(RedemptionResult.Accepted, await ahead.RedeemAsync(Answer(behind)));
        Assert.Equal(RedemptionResult.WrongChallenge, await ahead.RedeemAsync(Answer(other)));
    }

    [Fact]
    public async Task The_next_window_is_not_accepted_long_before_it_begins()
    {
        await using var world = Windowed();
        await using var ahead = Windowed();
        Align(world, ahead);
        Advance(ahead, _window);
        Assert.Equal(RedemptionResult.WrongChallenge, await world.RedeemAsync(Answer(ahead)));
    }

    [Fact]
    public async Task A_greased_challenge_stands_behind_the_preferred_one_and_a_token_of_its_type_is_refused()
    {
        await using var world = new RedemptionWorld(null, true, ("Authentication:Grease", "true"));
        var fields = world.Keys.Current.ChallengeFields;
        Assert.Equal(
            [PrivateTokenChallengeError.None, PrivateTokenChallengeError.GreasedType, PrivateTokenChallengeError.None],
            PrivateTokenChallenge.ReadEach(fields).Select(static reading => reading.Error));
        var token = RedemptionWorld.Token(RedemptionWorld.Rsa);
        (token[0], token[1]) = (0x11, 0x32);
        Assert.Equal(RedemptionResult.UnsupportedType, await world.RedeemAsync(RedemptionWorld.Header(token)));
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa))));
    }

    [Fact]
    public async Task Issuers_are_offered_in_the_order_of_the_settings()
    {
        await using var world = new RedemptionWorld();
        var preferred = new IssuerOptions { Name = "preferred.example" };
        var keys = new IssuerKeys(preferred);
        world.Keys.SetIssuers([(preferred, keys), (world.IssuerOptions, world.Source)]);
        world.Keys.Update(keys, [new ListedKey(RedemptionWorld.OtherRsa.KeyId, null, null, RedemptionWorld.OtherRsa.CreateVerifier)]);
        var names = PrivateTokenChallenge.ReadAll(world.Keys.Current.ChallengeFields).Select(static challenge =>
        {
            TokenChallenge.TryRead(challenge.Challenge.Span, out var read);
            return read!.IssuerName;
        });
        Assert.Equal(["preferred.example", RedemptionWorld.Issuer, RedemptionWorld.Issuer], names);
    }

    [Theory]
    [InlineData("00:10:00", null, "ContextSecret")]
    [InlineData("00:10:00", "short", "ContextSecret")]
    [InlineData(null, Secret, "ContextSecret")]
    [InlineData("00:00:10", Secret, "ContextWindow")]
    public void A_window_without_a_good_secret_stops_the_start_and_the_secret_is_not_shown(string? window, string? secret, string key)
    {
        var settings = new Dictionary<string, string?> { ["P:Authentication:PresharedKeys:0"] = "k" };
        if (window is not null) settings["P:Authentication:ContextWindow"] = window;
        if (secret is not null) settings["P:Authentication:ContextSecret"] = secret;
        var problem = Assert.Throws<InvalidConfigurationException>(() => OptionsReader.Read<ProxyOptions>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection("P")));
        Assert.Contains($"P:Authentication:{key}", problem.Message, StringComparison.Ordinal);
        if (secret is not null) Assert.DoesNotContain(secret, problem.Message, StringComparison.Ordinal);
    }
}
