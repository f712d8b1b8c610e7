using PrivacyPass.Http;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Redemption;

public sealed class RefusalTests
{
    private static readonly RedemptionResult[] _denials =
    [
        RedemptionResult.Missing, RedemptionResult.Malformed, RedemptionResult.Conflicting, RedemptionResult.UnknownScheme, RedemptionResult.UnsupportedType,
        RedemptionResult.WrongChallenge, RedemptionResult.UnknownKey, RedemptionResult.InvalidToken, RedemptionResult.AlreadySpent, RedemptionResult.WrongPresharedKey,
    ];

    [Theory]
    [InlineData(TunnelKind.Connect, 407, "Proxy-Authenticate")]
    [InlineData(TunnelKind.ConnectTcp, 401, "WWW-Authenticate")]
    [InlineData(TunnelKind.ConnectUdp, 401, "WWW-Authenticate")]
    internal async Task Every_denial_looks_alike_and_carries_a_challenge_for_each_token_type(TunnelKind kind, int status, string field)
    {
        await using var world = new RedemptionWorld();
        var texts = _denials.Select(result =>
        {
            var answer = world.Redeemer.Refuse(result, kind).ToAnswer("proxy.example");
            Assert.Equal(status, answer.Status);
            Assert.Contains(answer.Headers, header => header is { Key: "Proxy-Status", Value: "proxy.example; error=http_request_denied" });
            var challenges = PrivateTokenChallenge.ReadAll(answer.Headers.Where(header => header.Key == field).Select(header => header.Value));
            Assert.Equal([2, 1], challenges.Select(challenge => (int)challenge.TokenType));
            Assert.Equal(RedemptionWorld.Rsa.PublicKey.ToArray(), challenges[0].TokenKey!.Value.ToArray());
            Assert.Equal(RedemptionWorld.Challenge().Encoded.ToArray(), challenges[0].Challenge.ToArray());
            return string.Join('\n', answer.Headers);
        });
        Assert.Single(texts.Distinct());
    }

    [Fact]
    public async Task FailureStatus_403_answers_as_Cloudflare_does()
    {
        await using var world = new RedemptionWorld(settings: ("Authentication:FailureStatus", "403"));
        var answer = world.Redeemer.Refuse(RedemptionResult.AlreadySpent, TunnelKind.Connect).ToAnswer("proxy.example");
        Assert.Equal(403, answer.Status);
        Assert.DoesNotContain(answer.Headers, header => header.Key == "Proxy-Authenticate");
    }

    [Fact]
    public async Task ExplainFailures_gives_the_reason_in_details()
    {
        await using var world = new RedemptionWorld(settings: ("Authentication:ExplainFailures", "true"));
        var answer = world.Redeemer.Refuse(RedemptionResult.AlreadySpent, TunnelKind.Connect).ToAnswer("proxy.example");
        Assert.Contains(answer.Headers, header => header.Value == "proxy.example; error=http_request_denied; details=\"already_spent\"");
    }

    [Theory]
    [InlineData(RedemptionResult.StoreUnavailable)]
    [InlineData(RedemptionResult.NotReady)]
    internal async Task What_cannot_be_known_is_503_with_Retry_After(RedemptionResult result)
    {
        await using var world = new RedemptionWorld();
        var answer = world.Redeemer.Refuse(result, TunnelKind.Connect).ToAnswer("proxy.example");
        Assert.Equal(503, answer.Status);
        Assert.Contains(answer.Headers, header => header.Key == "Retry-After");
        Assert.Contains(answer.Headers, header => header.Value == "proxy.example; error=destination_unavailable");
    }

    [Fact]
    public async Task A_407_without_any_issuer_key_still_has_a_challenge()
    {
        await using var world = new RedemptionWorld(loaded: false);
        var answer = world.Redeemer.Refuse(RedemptionResult.WrongPresharedKey, TunnelKind.Connect).ToAnswer("proxy.example");
        Assert.Contains(answer.Headers, header => header.Key == "Proxy-Authenticate" && header.Value.StartsWith("Preshared ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Basic_is_offered_behind_the_tokens_only_when_it_is_on()
    {
        await using var off = new RedemptionWorld();
        Assert.DoesNotContain(off.Redeemer.Refuse(RedemptionResult.Missing, TunnelKind.Connect).Fields, field => field.Value.StartsWith("Basic", StringComparison.Ordinal));
        await using var on = new RedemptionWorld(settings: ("Authentication:Basic", "true"));
        var fields = on.Redeemer.Refuse(RedemptionResult.Missing, TunnelKind.Connect).Fields;
        Assert.Equal(3, fields.Count);
        Assert.All(fields, field => Assert.Equal("Proxy-Authenticate", field.Key));
        Assert.Equal("Basic realm=\"proxy.example\", charset=\"UTF-8\"", fields[^1].Value);
        Assert.Equal(2, PrivateTokenChallenge.ReadAll(fields.Select(field => field.Value)).Count);
    }

    [Fact]
    public async Task A_person_is_told_what_the_proxy_wants_and_no_key()
    {
        await using var world = new RedemptionWorld(settings: ("Authentication:Basic", "true"));
        var text = System.Text.Encoding.ASCII.GetString(world.Redeemer.Refuse(RedemptionResult.AlreadySpent, TunnelKind.Connect).Text!);
        Assert.Contains("token of issuer.example", text, StringComparison.Ordinal);
        Assert.Contains("Preshared KEY", text, StringComparison.Ordinal);
        Assert.Contains("http://any:KEY@", text, StringComparison.Ordinal);
        Assert.DoesNotContain(RedemptionWorld.PresharedKey, text, StringComparison.Ordinal);
    }
}
