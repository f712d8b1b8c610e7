using System.Buffers.Text;
using Microsoft.Extensions.Primitives;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Requests;
using PrivacyProxy.Tests.Configuration;

namespace PrivacyProxy.Tests.Redemption;

public sealed class RedeemerTests
{
    public static TheoryData<string, StringValues, StringValues, string> BadCredentials()
    {
        var good = RedemptionWorld.Token(RedemptionWorld.Rsa);
        var header = RedemptionWorld.Header(good);
        return new TheoryData<string, StringValues, StringValues, string>
        {
            { "none", default, default, "missing" },
            { "empty value", "", default, "malformed" },
            { "two fields of one name", new StringValues([header, header]), default, "malformed" },
            { "two Authorization fields", default, new StringValues([header, header]), "malformed" },
            { "Basic", "Basic dTpw", default, "unknown_scheme" },
            { "scheme alone", "PrivateToken", default, "malformed" },
            { "no token parameter", "PrivateToken extensions=\"AAAA\"", default, "malformed" },
            { "two tokens", $"{header}, token=\"AAAA\"", default, "malformed" },
            { "not base64url", "PrivateToken token=\"!!!!\"", default, "malformed" },
            { "open quote", "PrivateToken token=\"AAAA", default, "malformed" },
            { "one byte short", RedemptionWorld.Header(good[..^1]), default, "malformed" },
            { "one byte more", RedemptionWorld.Header([.. good, 0]), default, "malformed" },
            { "greased type", RedemptionWorld.Header([0x02, 0xAA, .. good[2..]]), default, "unsupported_type" },
            { "unknown type", RedemptionWorld.Header([0xDA, 0x7A, .. good[2..]]), default, "unsupported_type" },
            { "wrong challenge", RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa, RedemptionWorld.Challenge(origin: "other.example"))), default, "wrong_challenge" },
            { "other issuer's challenge", RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa, RedemptionWorld.Challenge(issuer: "other.example"))), default, "wrong_challenge" },
            { "unknown key", RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.OtherRsa)), default, "unknown_key" },
            { "flipped signature bit", RedemptionWorld.Header(Flipped(good, good.Length - 1)), default, "invalid_token" },
            { "flipped nonce bit", RedemptionWorld.Header(Flipped(good, 2)), default, "invalid_token" },
            { "two different tokens", header, RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa)), "conflicting" },
            { "token and preshared key", header, $"Preshared {RedemptionWorld.PresharedKey}", "conflicting" },
            { "wrong preshared key", "Preshared wrong", default, "wrong_preshared_key" },
            { "prefix of a preshared key", "Preshared correct-hors", default, "wrong_preshared_key" },
            { "huge preshared key", $"Preshared {new string('a', 20_000)}", default, "wrong_preshared_key" },
            { "preshared without key", "Preshared", default, "malformed" },
            { "preshared with two keys", "Preshared a b", default, "malformed" },
        };
    }

    [Theory]
    [MemberData(nameof(BadCredentials))]
    public async Task Bad_credentials_get_their_one_result_and_spend_nothing(string what, StringValues proxyAuthorization, StringValues authorization, string expected)
    {
        var store = new ScriptedStore(SpendOutcome.Fresh, SpendOutcome.Fresh);
        await using var world = new RedemptionWorld(store);
        var result = await world.RedeemAsync(proxyAuthorization, authorization);
        Assert.Equal((1, 1), (world.Counted(expected), world.CountedInAll));
        Assert.True(result is not (RedemptionResult.Accepted or RedemptionResult.PresharedAccepted), what);
        Assert.DoesNotContain("spend", store.Calls);
    }

    [Fact]
    public async Task A_token_of_each_type_is_accepted_once_in_either_header()
    {
        await using var world = new RedemptionWorld();
        foreach (var issuer in new[] { RedemptionWorld.Rsa, RedemptionWorld.Voprf })
        {
            var header = RedemptionWorld.Header(RedemptionWorld.Token(issuer));
            Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(header));
            Assert.Equal(RedemptionResult.AlreadySpent, await world.RedeemAsync(default, header));
        }
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(default, RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa))));
        Assert.Equal((3, 2, 5), (world.Counted("accepted"), world.Counted("already_spent"), world.CountedInAll));
    }

    [Fact]
    public async Task The_same_token_in_both_headers_counts_once_however_it_is_written()
    {
        await using var world = new RedemptionWorld();
        var token = RedemptionWorld.Token(RedemptionWorld.Rsa);
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(RedemptionWorld.Header(token), $"privatetoken token={Base64Url.EncodeToString(token)}"));
        Assert.Equal(RedemptionResult.AlreadySpent, await world.RedeemAsync(RedemptionWorld.Header(token)));
    }

    [Fact]
    public async Task Another_valid_signature_over_a_spent_nonce_is_a_replay()
    {
        // RSA-PSS is malleable by the client: a second blind signature over the same input has other bytes.
        await using var world = new RedemptionWorld();
        var token = RedemptionWorld.Token(RedemptionWorld.Rsa);
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(RedemptionWorld.Header(token)));
        Assert.Equal(RedemptionResult.AlreadySpent, await world.RedeemAsync($"PrivateToken extensions=\"AAAA\", token={Base64Url.EncodeToString(token)}"));
    }

    [Fact]
    public async Task Racing_redemptions_of_one_token_accept_exactly_one()
    {
        await using var world = new RedemptionWorld();
        var header = RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa));
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await world.RedeemAsync(header))));
        Assert.Single(results, RedemptionResult.Accepted);
        Assert.Equal(199, results.Count(result => result == RedemptionResult.AlreadySpent));
    }

    [Theory]
    [InlineData("Preshared correct-horse")]
    [InlineData("preshared  other-key ")]
    public async Task A_preshared_key_is_accepted_again_and_again(string value)
    {
        await using var world = new RedemptionWorld(loaded: false);
        Assert.Equal(RedemptionResult.PresharedAccepted, await world.RedeemAsync(value));
        Assert.Equal(RedemptionResult.PresharedAccepted, await world.RedeemAsync(value));
    }

    [Theory]
    [InlineData("any:correct-horse")]
    [InlineData(":correct-horse")]
    [InlineData("a name, with umlauts \u00fc:correct-horse")]
    [InlineData("any:with:colons")]
    public async Task With_Basic_on_a_preshared_key_is_a_password_whatever_the_user_is_called(string text)
    {
        await using var world = new RedemptionWorld(loaded: false, settings: [("Authentication:Basic", "true"), ("Authentication:PresharedKeys:2", "with:colons")]);
        Assert.Equal(RedemptionResult.PresharedAccepted, await world.RedeemAsync(Basic(text)));
        Assert.Equal(RedemptionResult.PresharedAccepted, await world.RedeemAsync(Basic(text)));
        await using var off = new RedemptionWorld(settings: ("Authentication:PresharedKeys:2", "with:colons"));
        Assert.Equal(RedemptionResult.UnknownScheme, await off.RedeemAsync(Basic(text)));
    }

    [Theory]
    [InlineData("Basic", "malformed")]
    [InlineData("Basic !!!!", "malformed")]
    [InlineData("Basic dTpw x", "malformed")]
    [InlineData("Basic dTpw,dTpw", "malformed")]
    [InlineData("Basic Y29ycmVjdC1ob3JzZQ==", "malformed")] // correct-horse without a colon
    [InlineData("Basic YW55OmNvcnJlY3QtaG9yc2V", "malformed")] // without its padding
    [InlineData("Basic YW55OmNvcnJlY3QtaG9yc2UA", "wrong_preshared_key")] // a zero behind the key
    [InlineData("Basic dTo=", "wrong_preshared_key")] // an empty password
    [InlineData("Basic OmNvcnJlY3Q6aG9yc2U=", "wrong_preshared_key")] // :correct:horse
    [InlineData("Basic YW55OmNvcnJlY3QtaG9yc8Op", "wrong_preshared_key")] // UTF-8 at its end
    [InlineData("Basic Y29ycmVjdC1ob3JzZTphbnk=", "wrong_preshared_key")] // the key as the user
    public async Task Bad_Basic_credentials_get_their_one_result(string value, string expected)
    {
        await using var world = new RedemptionWorld(settings: ("Authentication:Basic", "true"));
        await world.RedeemAsync(value);
        Assert.Equal((1, 1), (world.Counted(expected), world.CountedInAll));
    }

    [Fact]
    public async Task Basic_credentials_longer_than_any_key_are_wrong_and_cost_nothing()
    {
        await using var world = new RedemptionWorld(settings: ("Authentication:Basic", "true"));
        Assert.Equal(RedemptionResult.WrongPresharedKey, await world.RedeemAsync("Basic " + new string('A', 30_000)));
    }

    [Fact]
    public void Basic_without_a_key_is_no_configuration() =>
        Assert.Contains("Authentication:Basic", Assert.ThrowsAny<Exception>(() => TestOptions.Of([("Issuers:0:Name", "i"), ("Issuers:0:Directory", "https://i/d"), ("Authentication:Basic", "true")])).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Without_required_authentication_everyone_is_accepted()
    {
        await using var world = new RedemptionWorld(settings: ("Authentication:Required", "false"));
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(default));
    }

    [Fact]
    public async Task While_no_keys_are_loaded_tokens_are_neither_taken_nor_called_bad()
    {
        await using var world = new RedemptionWorld(loaded: false);
        Assert.Equal(RedemptionResult.NotReady, await world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa))));
    }

    [Theory]
    [InlineData(SpendOutcome.Unavailable, SpendOutcome.Fresh, nameof(RedemptionResult.StoreUnavailable), "look-up")]
    [InlineData(SpendOutcome.AlreadySpent, SpendOutcome.Fresh, nameof(RedemptionResult.AlreadySpent), "look-up")]
    [InlineData(SpendOutcome.Fresh, SpendOutcome.Unavailable, nameof(RedemptionResult.StoreUnavailable), "look-up,spend")]
    [InlineData(SpendOutcome.Fresh, SpendOutcome.AlreadySpent, nameof(RedemptionResult.AlreadySpent), "look-up,spend")]
    [InlineData(SpendOutcome.Fresh, SpendOutcome.Fresh, nameof(RedemptionResult.Accepted), "look-up,spend")]
    internal async Task A_store_with_io_is_looked_up_then_spent_and_its_doubt_refuses(SpendOutcome lookUp, SpendOutcome spend, string expected, string calls)
    {
        var store = new ScriptedStore(lookUp, spend);
        await using var world = new RedemptionWorld(store);
        Assert.Equal(expected, (await world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa)))).ToString());
        Assert.Equal(calls, string.Join(',', store.Calls));
    }

    [Fact]
    public async Task VerifyFirst_drops_the_look_up()
    {
        var store = new ScriptedStore(SpendOutcome.Unavailable, SpendOutcome.Fresh);
        await using var world = new RedemptionWorld(store, settings: ("SpentTokens:Order", "VerifyFirst"));
        Assert.Equal(RedemptionResult.Accepted, await world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa))));
        Assert.Equal(["spend"], store.Calls);
    }

    [Theory]
    [InlineData(SpendOutcome.Unavailable, SpendOutcome.Fresh, nameof(RedemptionResult.StoreUnavailable), "look-up")]
    [InlineData(SpendOutcome.AlreadySpent, SpendOutcome.Fresh, nameof(RedemptionResult.AlreadySpent), "look-up")]
    [InlineData(SpendOutcome.Fresh, SpendOutcome.AlreadySpent, nameof(RedemptionResult.AlreadySpent), "look-up,spend")]
    [InlineData(SpendOutcome.Fresh, SpendOutcome.Fresh, nameof(RedemptionResult.Accepted), "look-up,spend")]
    internal async Task Overlapped_still_heeds_the_look_up_before_it_spends(SpendOutcome lookUp, SpendOutcome spend, string expected, string calls)
    {
        var store = new ScriptedStore(lookUp, spend);
        await using var world = new RedemptionWorld(store, settings: ("SpentTokens:Order", "Overlapped"));
        Assert.Equal(expected, (await world.RedeemAsync(RedemptionWorld.Header(RedemptionWorld.Token(RedemptionWorld.Rsa)))).ToString());
        Assert.Equal(calls, string.Join(',', store.Calls));
    }

    private static byte[] Flipped(byte[] token, int index)
    {
        var copy = token.ToArray();
        copy[index] ^= 1;
        return copy;
    }

    private static string Basic(string text) => "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
}
