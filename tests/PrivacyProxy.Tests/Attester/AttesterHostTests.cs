using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands.Attester;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;
using PrivacyRelay.Issuance;

namespace PrivacyProxy.Tests.Attester;

/// <summary>An attester and an issuer as their commands start them, over TLS.</summary>
public sealed class AttesterHostTests : IAsyncLifetime
{
    private const string Key = "a-key-of-a-customer";
    private const string Provider = "https://idp.example";
    private const string Audience = "tokens.example";

    private readonly TemporaryDirectory _folder = new();
    private readonly ECDsa _provider = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<StartedService> _services = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var service in _services) await service.Application.DisposeAsync();
        _provider.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_quota_is_kept_over_a_restart_and_the_issuer_takes_no_requests_but_the_attesters()
    {
        var issuer = await StartIssuerAsync();
        (string, string?)[] settings = [("BearerKeys:0:Key", Key), ("BearerKeys:0:Quota", "3")];
        var attester = await StartAttesterAsync(issuer, settings);

        Assert.Equal((HttpStatusCode.OK, 2), await AskAsync(attester, 2, Key));
        await StopAsync(attester);
        attester = await StartAttesterAsync(issuer, settings);

        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await AskAsync(attester, 2, Key));
        Assert.Equal((HttpStatusCode.Unauthorized, 0), await AskAsync(attester, 1, "another-key-0123456"));
        Assert.Equal((HttpStatusCode.Forbidden, 0), await AskAsync(issuer, 1, Key));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(attester, "/readyz")).Status);
    }

    [Fact]
    public async Task Keys_access_tokens_and_certificates_are_on_at_once_each_with_its_own_quota()
    {
        using var authority = TestCertificate.CreateForClient("CN=authority", issuer: null, isAuthority: true);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var listed = TestCertificate.CreateForClient("CN=client");
        await File.WriteAllTextAsync(_folder.File("jwks.json"), PublicKeys());
        await File.WriteAllTextAsync(_folder.File("authority.pem"), authority.ExportCertificatePem());
        var attester = await StartAttesterAsync(
            await StartIssuerAsync(),
            ("Urls", "https://127.0.0.1:0"),
            ("BearerKeys:0:Key", Key), ("BearerKeys:0:Quota", "1"),
            ("Oidc:Authority", Provider), ("Oidc:Audience", Audience), ("Oidc:KeysFile", _folder.File("jwks.json")), ("Oidc:Quota", "2"),
            ("ClientCertificates:Thumbprints:0", listed.GetCertHashString(HashAlgorithmName.SHA256)), ("ClientCertificates:Authorities:0", _folder.File("authority.pem")), ("ClientCertificates:Quota", "1"));

        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await AskAsync(attester, 2, Key));
        Assert.Equal((HttpStatusCode.TooManyRequests, 2), await AskAsync(attester, 3, AccessToken("alice")));
        // Another token of the same subject is the same client.
        Assert.Equal((HttpStatusCode.TooManyRequests, 0), await AskAsync(attester, 1, AccessToken("alice", expires: TimeSpan.FromMinutes(9))));
        Assert.Equal((HttpStatusCode.OK, 1), await AskAsync(attester, 1, AccessToken("bob")));
        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await AskAsync(attester, 2, bearer: null, listed));
        Assert.Equal((HttpStatusCode.Unauthorized, 0), await AskAsync(attester, 1, bearer: null));
        using var renewed = Signed(authority, key);
        using var again = Signed(authority, key);
        Assert.Equal((HttpStatusCode.OK, 1), await AskAsync(attester, 1, bearer: null, renewed));
        Assert.Equal((HttpStatusCode.TooManyRequests, 0), await AskAsync(attester, 1, bearer: null, again));
    }

    [Fact]
    public async Task An_access_token_that_is_not_good_is_refused_with_401_and_says_nothing_of_why_but_that_it_has_expired()
    {
        await File.WriteAllTextAsync(_folder.File("jwks.json"), PublicKeys());
        var attester = await StartAttesterAsync(await StartIssuerAsync(), ("Oidc:Authority", Provider), ("Oidc:Audience", Audience), ("Oidc:KeysFile", _folder.File("jwks.json")));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var shared = new SymmetricSecurityKey(_provider.ExportSubjectPublicKeyInfo());

        Assert.Contains("expired", await RefusalAsync(AccessToken("alice", expires: TimeSpan.FromHours(-1))), StringComparison.Ordinal);
        Assert.Equal("The access token is not good here.\n", await RefusalAsync(AccessToken("alice", audience: "another.example")));
        Assert.Equal("The access token is not good here.\n", await RefusalAsync(AccessToken("alice", issuer: "https://another.example")));
        Assert.Equal("The access token is not good here.\n", await RefusalAsync(AccessToken("alice", credentials: new SigningCredentials(new ECDsaSecurityKey(other) { KeyId = "1" }, SecurityAlgorithms.EcdsaSha256))));
        Assert.Equal("The access token is not good here.\n", await RefusalAsync(AccessToken("alice", credentials: new SigningCredentials(shared, SecurityAlgorithms.HmacSha256))));
        Assert.Equal("The access token is not good here.\n", await RefusalAsync("no.token.atall"));

        async Task<string> RefusalAsync(string token)
        {
            using var http = Client(attester, certificate: null);
            using var client = TokenCryptography.CreateClient(TokenType.VoprfP384, (await DirectoryAsync(http)).TokenKeys[0].TokenKey.Span);
            using var pending = client.CreateRequest(Challenge.Encoded.Span);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/token-request") { Content = new ReadOnlyMemoryContent(pending.Request) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(PrivateTokenMediaTypes.TokenRequest);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Its_metrics_count_by_kind_on_the_management_listener_alone_and_the_issuers_key_log_is_read_through_it()
    {
        var issuer = await StartIssuerAsync();
        var attester = await StartAttesterAsync(issuer, ("BearerKeys:0:Key", Key), ("Management", "http://127.0.0.1:0"));
        await AskAsync(attester, 3, Key);
        await AskAsync(attester, 1, bearer: null);

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(attester, "/metrics")).Status);
        var (status, checkpoint) = await GetAsync(attester, "/key-log/checkpoint");
        Assert.Equal((HttpStatusCode.OK, checkpoint), (status, (await GetAsync(issuer, "/key-log/checkpoint")).Body));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(attester, "/key-log/..%2f..%2ftoken-request")).Status);
        using var management = new HttpClient { BaseAddress = new Uri(attester.Application.Urls.Last()) };
        var metrics = await management.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("privacy_attester_tokens_total{attestation=\"bearer\"} 3", metrics, StringComparison.Ordinal);
        Assert.Contains("privacy_attester_requests_total{attestation=\"none\",status=\"401\"} 1", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Issuer:Url", "ftp://issuer.example")]
    [InlineData("BearerKeys:0:Quota", "-1")]
    [InlineData("Oidc:Audience", "")]
    [InlineData("Oidc:Authority", "http://idp.example")]
    [InlineData("Oidc:KeysFile", "/no/such/file")]
    [InlineData("ClientCertificates:Thumbprints:0", "12")]
    [InlineData("Management", "https://127.0.0.1:1")]
    [InlineData("Unknown", "1")]
    public async Task A_bad_setting_stops_the_start_and_is_named(string key, string value)
    {
        Dictionary<string, string?> settings = new() { ["Issuer:Url"] = "http://127.0.0.1:1", ["BearerKeys:0:Key"] = Key, ["Oidc:Authority"] = Provider, ["Oidc:Audience"] = Audience, [key] = value };
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => StartAttesterAsync(null, [.. settings.Select(static pair => (pair.Key, pair.Value))]));
        Assert.Contains($"PrivacyAttester:{key}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_knows_nobody_does_not_start()
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => StartAttesterAsync(null, ("Issuer:Url", "http://127.0.0.1:1")));
        Assert.Contains("PrivacyAttester:BearerKeys", error.Message, StringComparison.Ordinal);
    }

    private static TokenChallenge Challenge => new(TokenType.VoprfP384, "issuer.example", [], "");

    private static X509Certificate2 Signed(X509Certificate2 authority, ECDsa key)
    {
        var request = new CertificateRequest("CN=of the authority", key, HashAlgorithmName.SHA256);
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-30), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    private static HttpClient Client(StartedService service, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        if (certificate is not null) handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true);
        return new HttpClient(handler) { BaseAddress = new Uri(service.Urls[0]) };
    }

    private static async Task<IssuerDirectory> DirectoryAsync(HttpClient http)
    {
        IssuerDirectory.TryParse(await http.GetByteArrayAsync(new Uri(IssuerDirectory.WellKnownPath, UriKind.Relative)), out var directory);
        return directory!;
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(StartedService service, string path)
    {
        using var http = Client(service, certificate: null);
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The relay's own client, which asks for a batch and then singly.</summary>
    private static async Task<(HttpStatusCode Status, int Tokens)> AskAsync(StartedService service, int count, string? bearer, X509Certificate2? certificate = null)
    {
        using var http = Client(service, certificate);
        if (bearer is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(http.BaseAddress!));
        try
        {
            return (HttpStatusCode.OK, (await client.RequestTokensAsync(Challenge, tokenKey: null, count, CancellationToken.None)).Count);
        }
        catch (IssuerException e) when (e.StatusCode is { } status)
        {
            return (status, e.Tokens.Count);
        }
    }

    private async Task<StartedService> StartIssuerAsync()
    {
        // The attester's certificate must be known first: it is made as at its first start.
        using var identity = AttesterIdentity.Load(new AttesterSettings { Data = _folder.File("attester") });
        Dictionary<string, string?> flags = new()
        {
            ["Urls"] = "https://127.0.0.1:0", ["Data"] = _folder.File("issuer"), ["TokenTypes"] = "1", ["Attester"] = "Separate",
            ["ClientThumbprints:0"] = identity.GetCertHashString(HashAlgorithmName.SHA256),
        };
        var (application, urls) = await IssuerHost.StartAsync(configFile: null, flags.Select(static flag => KeyValuePair.Create($"PrivacyIssuer:{flag.Key}", flag.Value)), CancellationToken.None);
        var service = new StartedService(application, urls, []);
        _services.Add(service);
        return service;
    }

    private async Task<StartedService> StartAttesterAsync(StartedService? issuer, params (string Key, string? Value)[] settings)
    {
        Dictionary<string, string?> flags = new() { ["Urls"] = "http://127.0.0.1:0", ["Data"] = _folder.File("attester"), ["Management"] = "none" };
        if (issuer is not null) (flags["Issuer:Url"], flags["Issuer:CaFile"]) = (issuer.Urls[0], _folder.File("issuer/ca.pem"));
        foreach (var (key, value) in settings) flags[key] = value;
        var service = await AttesterHost.StartAsync(configFile: null, flags.Select(static flag => KeyValuePair.Create($"PrivacyAttester:{flag.Key}", flag.Value)), CancellationToken.None);
        _services.Add(service);
        return service;
    }

    private async Task StopAsync(StartedService service)
    {
        _services.Remove(service);
        await service.Application.StopAsync();
        await service.Application.DisposeAsync();
    }

    private string PublicKeys()
    {
        using var open = ECDsa.Create(_provider.ExportParameters(includePrivateParameters: false));
        var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(open) { KeyId = "1" });
        return $$"""{"keys":[{"kty":"EC","crv":"{{key.Crv}}","x":"{{key.X}}","y":"{{key.Y}}","kid":"1","use":"sig"}]}""";
    }

    private string AccessToken(string subject, TimeSpan? expires = null, string audience = Audience, string issuer = Provider, SigningCredentials? credentials = null)
    {
        var now = DateTime.UtcNow;
        var end = now + (expires ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer, Audience = audience, IssuedAt = end.AddHours(-1), NotBefore = end.AddHours(-1), Expires = end,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = subject },
            SigningCredentials = credentials ?? new SigningCredentials(new ECDsaSecurityKey(_provider) { KeyId = "1" }, SecurityAlgorithms.EcdsaSha256),
        });
    }
}
