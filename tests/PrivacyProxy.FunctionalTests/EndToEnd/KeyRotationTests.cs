using System.Net;
using PrivacyPass.Http;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>An issuer changes its key while the proxy runs: nobody is turned away, and retired keys buy nothing.</summary>
public sealed class KeyRotationTests
{
    [Theory]
    [InlineData("01:00:00", 200)]
    [InlineData("00:00:00", 407)]
    public async Task Tokens_of_a_key_no_longer_listed_are_taken_for_the_grace_only(string grace, int status)
    {
        await using var origin = TcpOrigin.Echo();
        using var oldKeys = new TemporaryDirectory();
        using var newKeys = new TemporaryDirectory();
        var old = await IssuerProcess.StartAsync(oldKeys.Path, FreePort.Next());
        await using var oldIssuer = old;
        await using var proxy = await ProxyProcess.StartAsync(
            ["--allow-private", "--allow-ports", "any"], old.Trusted(refresh: "00:00:01", removalGrace: grace));
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        var token = await new TokenPile(old.Url, proxy).TakeAsync();
        var oldKey = await OfferedKeyAsync(proxy);

        await old.TerminateAsync();
        await using var rotated = await IssuerProcess.StartAsync(newKeys.Path, old.Url.Port);
        await WaitForAnotherKeyAsync(proxy, oldKey);

        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Token(await new TokenPile(rotated.Url, proxy).TakeAsync())))
        {
        }

        var head = await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Field(Credentials.Token(token)));
        Assert.Equal(status, head.Status);
    }

    [Fact]
    public async Task Tokens_of_the_key_before_are_taken_while_the_issuer_still_lists_it()
    {
        await using var origin = TcpOrigin.Echo();
        using var keys = new TemporaryDirectory();
        await using var issuer = await IssuerProcess.StartAsync(keys.Path, environment: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PrivacyIssuer__RotationInterval"] = "00:00:05",
            ["PrivacyIssuer__PublishAhead"] = "00:00:02",
            ["PrivacyIssuer__KeyLifetime"] = "00:01:00",
        });
        await using var proxy = await ProxyProcess.StartAsync(
            ["--allow-private", "--allow-ports", "any"], issuer.Trusted(refresh: "00:00:01"));
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        var oldKey = await OfferedKeyAsync(proxy);
        var token = await new TokenPile(issuer.Url, proxy).TakeAsync();

        await WaitForAnotherKeyAsync(proxy, oldKey);
        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Token(token)))
        {
        }

        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Token(await new TokenPile(issuer.Url, proxy).TakeAsync())))
        {
        }
    }

    private static async Task<string> OfferedKeyAsync(ProxyProcess proxy)
    {
        var head = await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, "127.0.0.1:9");
        return Convert.ToHexString(PrivateTokenChallenge.ReadAll(head["Proxy-Authenticate"])[0].TokenKey!.Value.Span);
    }

    private static async Task WaitForAnotherKeyAsync(ProxyProcess proxy, string oldKey)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (await OfferedKeyAsync(proxy) == oldKey) await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
    }
}
