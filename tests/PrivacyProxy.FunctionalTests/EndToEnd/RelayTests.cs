using System.Security.Cryptography;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Programs that know nothing of tokens, through the relay, to a TLS web site.</summary>
[Collection(NeighborsCollection.Name)]
public sealed class RelayTests(ProductFixture product)
{
    private const int Tunnels = 6;

    [Fact]
    public async Task Every_program_behind_the_relay_is_paid_for_by_SOCKS5_and_by_HTTP()
    {
        await using var relay = await RelayProcess.StartAsync(
            "--proxy", product.Proxy.Tls.ToString(), "--proxy-ca", product.Proxy.CaFile, "--issuer", product.Issuer.Url.ToString());
        for (var i = 0; i < Tunnels; i++) await FetchesThePageAsync(i % 2 == 0 ? $"socks5h://{relay.Socks.Authority}" : relay.Http.ToString());
        ProductAssert.LogIsClean(product.Proxy, product.Web.Tls.Authority);
        Assert.DoesNotContain(product.Web.Tls.Authority, relay.Log, StringComparison.Ordinal);
        Assert.Equal(0, await relay.TerminateAsync());
    }

    [Theory]
    [InlineData("http1")]
    [InlineData("http2")]
    public async Task Large_bodies_arrive_whole_both_ways_over_each_version_upstream(string upstream)
    {
        const int Size = 20_000_000;
        await using var relay = await RelayProcess.StartAsync(
            "--upstream", upstream, "--proxy", product.Proxy.Tls.ToString(), "--proxy-ca", product.Proxy.CaFile, "--issuer", product.Issuer.Url.ToString());
        using var directory = new TemporaryDirectory();
        var file = directory.File("upload");
        await Payload.WriteFileAsync(file, Size);
        foreach (var proxy in new[] { $"socks5h://{relay.Socks.Authority}", relay.Http.ToString() })
        {
            var down = await Curl.System.RunAsync("--proxy", proxy, "--cacert", product.WebCaFile, new Uri(product.Web.Tls, $"/bytes/{Size}").ToString());
            Assert.True(down.ExitCode == 0, down.Errors);
            Assert.Equal(Payload.Hash(Size), Convert.ToHexString(SHA256.HashData(down.Body)));
            var up = await Curl.System.RunAsync("--proxy", proxy, "--cacert", product.WebCaFile, "--data-binary", "@" + file, new Uri(product.Web.Tls, "/hash").ToString());
            Assert.True(up.ExitCode == 0, up.Errors);
            Assert.Equal(Payload.Hash(Size), up.Text);
        }
    }

    [Fact]
    public async Task Two_hops_are_each_paid_for()
    {
        await using var second = await product.StartTwinAsync();
        using var directory = new TemporaryDirectory();
        var authorities = directory.File("both.pem");
        await File.WriteAllTextAsync(authorities, await File.ReadAllTextAsync(product.Proxy.CaFile) + await File.ReadAllTextAsync(second.CaFile));
        await using var relay = await RelayProcess.StartAsync(
            "--proxy", product.Proxy.Tls.ToString(), "--proxy", second.Tls.ToString(), "--proxy-ca", authorities, "--issuer", product.Issuer.Url.ToString());
        for (var i = 0; i < Tunnels; i++) await FetchesThePageAsync(relay.Http.ToString());
    }

    [Fact]
    public async Task Without_the_issuer_programs_get_an_error_and_the_relay_lives()
    {
        await using var relay = await RelayProcess.StartAsync(
            "--proxy", product.Proxy.Tls.ToString(), "--proxy-ca", product.Proxy.CaFile, "--issuer", $"http://127.0.0.1:{FreePort.Next()}");
        for (var i = 0; i < 2; i++)
        {
            var result = await Curl.System.RunAsync("--proxy", relay.Http.ToString(), "--cacert", product.WebCaFile, product.Web.Tls.ToString());
            Assert.Equal(5, result.Connect.Status / 100);
        }

        Assert.DoesNotContain("   at ", relay.Log, StringComparison.Ordinal);
        Assert.Equal(0, await relay.TerminateAsync());
    }

    [Fact]
    public async Task An_issuer_that_wants_a_bearer_key_is_given_that_of_the_file_as_it_stands_when_tokens_are_needed()
    {
        const string Key = "the-key-of-a-paying-customer";
        using var directory = new TemporaryDirectory();
        await using var issuer = await IssuerProcess.StartAsync(directory.File("issuer"), environment: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PrivacyIssuer__Attester"] = "Bearer",
            ["PrivacyIssuer__BearerKeys__0__Key"] = Key,
        });
        await using var proxy = await ProxyProcess.StartAsync(["--allow-private", "--allow-ports", "any"], issuer.Trusted(refresh: "00:05:00"));
        await proxy.WaitForReadinessAsync(System.Net.HttpStatusCode.OK);
        var file = directory.File("key");
        await File.WriteAllTextAsync(file, "not-the-key-of-anybody\n");
        await using var relay = await RelayProcess.StartAsync(
            "--proxy", proxy.Tls.ToString(), "--proxy-ca", proxy.CaFile, "--issuer", issuer.Url.ToString(), "--issuer-key-file", file);

        var refused = await Curl.System.RunAsync("--proxy", relay.Http.ToString(), "--cacert", product.WebCaFile, product.Web.Tls.ToString());
        Assert.Equal(502, refused.Connect.Status);
        await File.WriteAllTextAsync(file, Key + "\n");
        await FetchesThePageAsync(relay.Http.ToString());
        Assert.DoesNotContain(Key, relay.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-key", relay.Log, StringComparison.Ordinal);
    }

    private async Task FetchesThePageAsync(string proxy)
    {
        var result = await Curl.System.RunAsync("--proxy", proxy, "--cacert", product.WebCaFile, product.Web.Tls.ToString());
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(WebOrigin.Page, result.Text);
    }
}
