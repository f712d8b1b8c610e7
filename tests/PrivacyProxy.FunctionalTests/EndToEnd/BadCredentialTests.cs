using PrivacyPass;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Every way not to pay gets the challenge again, opens nothing and leaves no trace of the client in the log.</summary>
[Collection(ProductCollection.Name)]
public sealed class BadCredentialTests(ProductFixture product)
{
    private const string Smuggled = "GET http://127.0.0.1/smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

    public static TheoryData<string, ProxyVersion> Cases
    {
        get
        {
            var data = new TheoryData<string, ProxyVersion>();
            foreach (var bad in BadCredential.All)
            {
                data.Add(bad.Name, ProxyVersion.Http1);
                data.Add(bad.Name, ProxyVersion.Http2);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_is_refused_with_the_challenge(string name, ProxyVersion version)
    {
        await using var origin = TcpOrigin.Echo();
        var bad = BadCredential.All.Single(bad => bad.Name == name);
        var fields = await bad.Fields(product);

        await using var probe = await TunnelProbe.ConnectAsync(product.Proxy, version, origin.Authority, fields, early: Smuggled);
        var head = await probe.ReadHeadAsync();
        ProductAssert.IsChallenge(head, TokenType.BlindRsa2048, TokenType.VoprfP384);
        Assert.Equal(("http_request_denied", bad.Reason), (head.ProxyStatusError, head.ProxyStatusDetails));
        await ProductAssert.IsClosedAsync(probe);

        Assert.Equal(0, origin.Accepted);
        var sent = fields.SelectMany(field => field.Value.Split(' ', '"')).Where(part => part.Length > 15);
        ProductAssert.LogIsClean(product.Proxy, [.. sent, origin.Authority, probe.LocalAddress, "smuggled"]);
    }

    [Fact]
    public async Task Unless_told_to_explain_the_proxy_says_the_same_whatever_was_wrong()
    {
        // Otherwise a client could tell a known key from an unknown one, or a spent token from a forged one.
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await product.StartTwinAsync();
        var spent = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        Assert.Equal(200, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, spent)).Status);

        var answers = new List<string> { await AnswerAsync(spent) };
        foreach (var bad in BadCredential.EquallyAnswered) answers.Add(await AnswerAsync(await bad.Fields(product)));
        Assert.Single(answers.Distinct(StringComparer.Ordinal));

        async Task<string> AnswerAsync(params KeyValuePair<string, string>[] fields)
        {
            var head = await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, fields);
            var said = head.Fields.Where(field => field.Key is not ("Server-Timing" or "Date")).Select(field => $"{field.Key}: {field.Value}");
            return $"{head.Status}\n{string.Join('\n', said)}";
        }
    }
}
