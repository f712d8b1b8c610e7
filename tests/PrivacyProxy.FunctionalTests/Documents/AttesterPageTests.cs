using System.Net.Http.Headers;
using System.Security.Cryptography;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands;
using PrivacyProxy.Commands.Attester;
using PrivacyProxy.Commands.Issuer;
using PrivacyRelay.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>docs/issuers.md: an attester of its own as the page sets it up.</summary>
public sealed class AttesterPageTests
{
    internal const string Start = "privacy-proxy attester --urls";
    internal const string Issuer = "{ \"PrivacyIssuer\": { \"Urls\"";
    internal const string Clients = "{\n  \"PrivacyAttester\": {";

    private const string Page = "docs/issuers.md";

    [SkippableFact]
    public async Task The_attester_of_the_page_stands_before_its_issuer()
    {
        Assert.Empty(RootCommandFactory.Create().Parse(DocumentPages.Block(Page, Start).Text.Trim()["privacy-proxy ".Length..]).Errors);
        using var folder = new TemporaryDirectory();
        using var authority = TestCertificate.CreateForClient("CN=authority", issuer: null, isAuthority: true);
        await File.WriteAllTextAsync(folder.File("clients.pem"), authority.ExportCertificatePem());
        using var identity = AttesterIdentity.Load(new AttesterSettings { Data = folder.File("attester") });
        var thumbprint = identity.GetCertHashString(HashAlgorithmName.SHA256);
        await File.WriteAllTextAsync(folder.File("issuer.json"), DocumentPages.Block(Page, Issuer).Text.Replace("127.0.0.1:8080", "127.0.0.1:0", StringComparison.Ordinal).Replace("THUMBPRINT", thumbprint, StringComparison.Ordinal));
        await File.WriteAllTextAsync(folder.File("attester.json"), DocumentPages.Block(Page, Clients).Text.Replace("clients.pem", folder.File("clients.pem"), StringComparison.Ordinal));

        var (issuer, urls) = await IssuerHost.StartAsync(folder.File("issuer.json"), Settings("PrivacyIssuer", ("Data", folder.File("issuer")), ("TokenTypes", "1")), CancellationToken.None);
        await using var running = issuer;
        var attester = await AttesterHost.StartAsync(
            folder.File("attester.json"),
            Settings("PrivacyAttester", ("Urls", "https://127.0.0.1:0"), ("Management", "none"), ("Data", folder.File("attester")), ("Issuer:Url", urls[0]), ("Issuer:CaFile", folder.File("issuer/ca.pem"))),
            CancellationToken.None);
        await using var standing = attester.Application;

        Assert.Contains(attester.Hints, hint => hint.EndsWith(thumbprint, StringComparison.Ordinal));
        using var http = IssuerHttp.CreateClient(new TrustPolicy(CertificateFile.Read(folder.File("attester/ca.pem"))));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-key-of-a-customer");
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(new Uri(attester.Urls[0])));
        Assert.Equal(2, (await client.RequestTokensAsync(new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], ""), tokenKey: null, 2, CancellationToken.None)).Count);
    }

    private static IEnumerable<KeyValuePair<string, string?>> Settings(string section, params (string Key, string Value)[] settings) =>
        settings.Select(one => KeyValuePair.Create($"{section}:{one.Key}", (string?)one.Value));
}
