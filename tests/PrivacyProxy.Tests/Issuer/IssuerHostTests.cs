using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.Tests.Issuer;

public sealed class IssuerHostTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("Urls", "ftp://127.0.0.1")]
    [InlineData("TokenTypes", "3")]
    [InlineData("TokenTypes", "1,1")]
    [InlineData("Attester", "nobody")]
    [InlineData("RotationInterval", "00:00:00")]
    [InlineData("RotationInterval", "30")]
    [InlineData("KeyLifetime", "1.00:00:00")]
    [InlineData("PublishAhead", "31.00:00:00")]
    [InlineData("MaxConcurrency", "0")]
    [InlineData("MaxQueued", "-1")]
    [InlineData("ClientThumbprints:0", "12")]
    [InlineData("BearerKeys:0:Quota", "-1")]
    [InlineData("BearerKeys:0:Window", "00:00:00")]
    [InlineData("Unknown", "1")]
    public async Task A_bad_setting_stops_the_start_and_is_named(string key, string value)
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => StartAsync((key, value), ("BearerKeys:0:Key", "a-key-of-a-customer")));
        Assert.Contains($"PrivacyIssuer:{key}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("a key with blanks in it")]
    public async Task A_bad_bearer_key_is_named_and_not_shown(string secret)
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => StartAsync(("BearerKeys:0:Key", secret)));
        Assert.Contains("PrivacyIssuer:BearerKeys:0:Key", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer", "BearerKeys")]
    [InlineData("Mtls", "ClientThumbprints")]
    public async Task An_attester_without_anybody_to_let_through_stops_the_start(string attester, string key)
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => StartAsync(("Attester", attester)));
        Assert.Contains($"PrivacyIssuer:{key}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bearer_key_of_the_configuration_buys_tokens_and_its_quota_ends_them()
    {
        var (issuer, url) = await StartAsync(("Attester", "Bearer"), ("BearerKeys:0:Key", "a-key-of-a-customer"), ("BearerKeys:0:Quota", "2"));
        await using var running = issuer;
        using var http = new HttpClient();
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(url));

        var refused = await Assert.ThrowsAsync<IssuerException>(() => RequestAsync(client, 1));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-key-of-a-customer");
        var exceeded = await Assert.ThrowsAsync<IssuerException>(() => RequestAsync(client, 3));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, exceeded.StatusCode);
        Assert.Equal(2, exceeded.Tokens.Count);
    }

    [Fact]
    public async Task The_throw_away_certificate_is_trusted_by_the_ca_file_beside_the_keys()
    {
        var (issuer, url) = await StartAsync(("Urls", "https://127.0.0.1:0"));
        await using var running = issuer;
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(Path.Combine(_data.Path, "ca.pem"));
        using var http = IssuerHttp.CreateClient(new TrustPolicy(roots));
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(url));

        Assert.Single(await RequestAsync(client, 1));
    }

    [Fact]
    public async Task The_mtls_attester_takes_a_listed_client_certificate_and_refuses_others_with_403()
    {
        using var listed = TestCertificate.CreateForClient("CN=client");
        using var other = TestCertificate.CreateForClient("CN=client");
        var (issuer, url) = await StartAsync(
            ("Urls", "https://127.0.0.1:0"), ("Attester", "Mtls"), ("ClientThumbprints:0", listed.GetCertHashString(HashAlgorithmName.SHA256)));
        await using var running = issuer;

        Assert.Equal(HttpStatusCode.OK, await AskAsync(url, listed));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(url, other));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(url, null));
    }

    [Fact]
    public async Task The_mtls_attester_needs_https()
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => StartAsync(("Attester", "Mtls"), ("ClientThumbprints:0", new string('a', 64))));
        Assert.Contains("PrivacyIssuer:Urls", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_in_use_stops_the_start()
    {
        var (issuer, url) = await StartAsync();
        await using var running = issuer;
        var data = Path.Combine(_data.Path, "second");

        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => StartAsync(("Urls", url.GetLeftPart(UriPartial.Authority)), ("Data", data)));

        Assert.Contains("PrivacyIssuer:Urls", error.Message, StringComparison.Ordinal);
    }

    private async Task<(WebApplication Application, Uri Url)> StartAsync(params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> flags = new() { ["Urls"] = "http://127.0.0.1:0", ["Data"] = _data.Path, ["TokenTypes"] = "1" };
        foreach (var (key, value) in settings) flags[key] = value;
        var (application, urls) = await IssuerHost.StartAsync(
            configFile: null, flags.Select(flag => KeyValuePair.Create($"PrivacyIssuer:{flag.Key}", flag.Value)), CancellationToken.None);
        return (application, new Uri(urls[0]));
    }

    private static Task<IReadOnlyList<byte[]>> RequestAsync(IssuerClient client, int count) =>
        client.RequestTokensAsync(new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], ""), tokenKey: null, count, CancellationToken.None);

    private static async Task<HttpStatusCode> AskAsync(Uri url, X509Certificate2? certificate)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
        if (certificate is not null) handler.SslOptions.ClientCertificates = [certificate];
        using var http = new HttpClient(handler);
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(url));
        try
        {
            await RequestAsync(client, 1);
            return HttpStatusCode.OK;
        }
        catch (IssuerException e) when (e.StatusCode is { } status)
        {
            return status;
        }
    }
}
