using System.Globalization;
using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>What holds for every answer of the proxy.</summary>
internal static class ProductAssert
{
    private const string Timing = "proxy;dur=";

    /// <summary>Server-Timing as Cloudflare's clients read it: <c>proxy;dur=</c> and milliseconds.</summary>
    public static void HasServerTiming(HttpHead head) =>
        Assert.Contains(head["Server-Timing"], value =>
            value.StartsWith(Timing, StringComparison.Ordinal)
            && double.TryParse(value.AsSpan(Timing.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _));

    /// <summary>407 that says how to pay: a challenge with its key for each type.</summary>
    public static void IsChallenge(HttpHead head, params TokenType[] types) => IsChallenge(head, 407, "Proxy-Authenticate", types);

    /// <summary>The same on a templated resource, which is an origin's: 401.</summary>
    public static void IsOriginChallenge(HttpHead head, params TokenType[] types)
    {
        IsChallenge(head, 401, "WWW-Authenticate", types);
        Assert.Empty(head["Proxy-Authenticate"]);
    }

    private static void IsChallenge(HttpHead head, int status, string field, TokenType[] types)
    {
        Assert.Equal(status, head.Status);
        HasServerTiming(head);
        Assert.NotEmpty(head["Proxy-Status"]);
        var challenges = PrivateTokenChallenge.ReadAll(head[field]);
        foreach (var type in types)
        {
            var challenge = Assert.Single(challenges, c => c.TokenType == (ushort)type);
            Assert.Equal(TokenChallengeError.None, TokenChallenge.TryRead(challenge.Challenge.Span, out var read));
            Assert.Equal(IssuerProcess.Name, read!.IssuerName);
            Assert.NotNull(challenge.TokenKey);
            Assert.Equal(TokenSizes.PublicKey(type), challenge.TokenKey.Value.Length);
        }
    }

    /// <summary>A refusal with a status and the error of RFC 9209.</summary>
    public static void IsRefusal(HttpHead head, int status, string error)
    {
        Assert.Equal((status, error), (head.Status, head.ProxyStatusError));
        HasServerTiming(head);
    }

    /// <summary>A refused CONNECT on HTTP/1.1 ends its connection (RFC 9931, section 8), whatever was sent after it.</summary>
    public static async Task IsClosedAsync(ITunnelProbe probe)
    {
        if (probe is HttpProbe) Assert.DoesNotContain("HTTP/1.", await probe.ReadToEndAsync(), StringComparison.Ordinal);
    }

    /// <summary>The log names no secret, and no exception came out of what a client sent.</summary>
    public static void LogIsClean(ProxyProcess proxy, params IEnumerable<string> secrets)
    {
        var log = proxy.Log;
        foreach (var secret in secrets.Append(ProductFixture.PresharedKey)) Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Exception", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }
}
