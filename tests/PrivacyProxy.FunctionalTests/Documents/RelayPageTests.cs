using System.Globalization;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>docs/relay.md: its commands, with the proxy, issuer and site of the tests in the place of those of example.</summary>
[Collection(ToldCollection.Name)]
public sealed class RelayPageTests(ProductFixture product)
{
    internal const string Start = "privacy-proxy relay --listen";

    [SkippableFact]
    public async Task The_commands_run_as_written()
    {
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var script = DocumentPages.Block("docs/relay.md", Start).Text
            .Replace("127.0.0.1:1080", $"127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("https://proxy.example:8443", product.Proxy.Tls.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
            .Replace("https://issuer.example", product.Issuer.Url.ToString(), StringComparison.Ordinal)
            .Replace("https://example.com/", product.Web.Tls.ToString(), StringComparison.Ordinal);
        using var machine = new InstalledProduct();
        await using var bash = machine.Start(script, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // What on the Internet the system's authorities vouch for.
            ["PrivacyRelay__ProxyCa"] = product.Proxy.CaFile,
            ["CURL_CA_BUNDLE"] = product.WebCaFile,
            ["no_proxy"] = "",
            ["NO_PROXY"] = "",
        });
        Assert.True(await bash.WaitForExitAsync() == 0, bash.Log);
        Assert.Equal(2, Regex.Count(bash.Output.Text, Regex.Escape(WebOrigin.Page.Trim())));
        Assert.Contains($"ready socks5://127.0.0.1:{port} http://127.0.0.1:{port}", bash.Output.Text, StringComparison.Ordinal);
        Assert.Contains("ready socks5://127.0.0.1:1080 http://127.0.0.1:1080", DocumentPages.Read("docs/relay.md"), StringComparison.Ordinal);
    }
}
