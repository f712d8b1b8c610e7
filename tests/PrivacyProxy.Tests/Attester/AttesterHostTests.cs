using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Tests.Attester;

/// <summary>An attester and an issuer as their commands start them, over TLS.</summary>
public sealed class AttesterHostTests : IAsyncLifetime
{
    private const string Key = "a-key-of-a-customer";
    private const string Provider = "https://idp.example";
    private const string Audience = "tokens.example";

    private readonly AttesterSetup _setup = new();
    private readonly ECDsa _provider = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _setup.DisposeAsync();
        _provider.Dispose();
    }

    [Fact]
    public async Task A_quota_is_kept_over_a_restart_and_the_issuer_takes_no_requests_but_the_attesters()
    {
        var issuer = await _setup.StartIssuerAsync();
        (string, string?)[] settings = [("BearerKeys:0:Key", Key), ("BearerKeys:0:Quota", "3")];
        var attester = await _setup.StartAttesterAsync(issuer, settings);

        Assert.Equal((HttpStatusCode.OK, 2), await AttesterSetup.AskAsync(attester, 2, Key));
        await _setup.StopAsync(attester);
        attester = await _setup.StartAttesterAsync(issuer, settings);

        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await AttesterSetup.AskAsync(attester, 2, Key));
        Assert.Equal((HttpStatusCode.Unauthorized, 0), await AttesterSetup.AskAsync(attester, 1, "another-key-0123456"));
        Assert.Equal((HttpStatusCode.Forbidden, 0), await AttesterSetup.AskAsync(issuer, 1, Key));
        Assert.Equal(HttpStatusCode.OK, (await AttesterSetup.GetAsync(attester, "/readyz")).Status);
    }

    [Fact]
    public async Task Keys_access_tokens_and_certificates_are_on_at_once_each_with_its_own_quota()
    {
        using var authority = TestCertificate.CreateForClient("CN=authority", issuer: null, isAuthority: true);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var listed = TestCertificate.CreateForClient("CN=client");
        await File.WriteAllTextAsync(_setup.File("jwks.json"), PublicKeys());
        await File.WriteAllTextAsync(_setup.File("authority.pem"), authority.ExportCertificatePem());
        var attester = await _setup.StartAttesterAsync(
            await _setup.StartIssuerAsync(),
            ("Urls", "https://127.0.0.1:0"),
            ("BearerKeys:0:Key", Key), ("BearerKeys:0:Quota", "1"),
            ("Oidc:Authority", Provider), ("Oidc:Audience", Audience), ("Oidc:KeysFile", _setup.File("jwks.json")), ("Oidc:Quota", "2"),
            ("ClientCertificates:Thumbprints:0", listed.GetCertHashString(HashAlgorithmName.SHA256)), ("ClientCertificates:Authorities:0", _setup.File("authority.pem")), ("ClientCertificates:Quota", "1"));

        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await AttesterSetup.AskAsync(attester, 2, Key));
        Assert.Equal((HttpStatusCode.TooManyRequests, 2), await AttesterSetup.AskAsync(attester, 3, AccessToken("alice")));
        // Another token of the same subject is the same client.
        Assert.Equal((HttpStatusCode.TooManyRequests, 0), await AttesterSetup.AskAsync(attester, 1, AccessToken("alice", expires: TimeSpan.FromMinutes(9))));
        Assert.Equal((HttpStatusCode.OK, 1), await AttesterSetup.AskAsync(attester, 1, AccessToken("bob")));
        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await AttesterSetup.AskAsync(attester, 2, bearer: null, listed));
        Assert.Equal((HttpStatusCode.Unauthorized, 0), await AttesterSetup.AskAsync(attester, 1, bearer: null));
        using var renewed = Signed(authority, key);
        using var again = Signed(authority, key);
        Assert.Equal((HttpStatusCode.OK, 1), await AttesterSetup.AskAsync(attester, 1, bearer: null, renewed));
        Assert.Equal((HttpStatusCode.TooManyRequests, 0), await AttesterSetup.AskAsync(attester, 1, bearer: null, again));
    }

    [Fact]
    public async Task An_access_token_that_is_not_good_is_refused_with_401_and_says_nothing_of_why_but_that_it_has_expired()
    {
        await File.WriteAllTextAsync(_setup.File("jwks.json"), PublicKeys());
        var attester = await _setup.StartAttesterAsync(await _setup.StartIssuerAsync(), ("Oidc:Authority", Provider), ("Oidc:Audience", Audience), ("Oidc:KeysFile", _setup.File("jwks.json")));
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
            using var http = AttesterSetup.Client(attester, certificate: null);
            using var client = TokenCryptography.CreateClient(TokenType.VoprfP384, (await AttesterSetup.DirectoryAsync(http)).TokenKeys[0].TokenKey.Span);
            using var pending = client.CreateRequest(AttesterSetup.Challenge.Encoded.Span);
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
        var issuer = await _setup.StartIssuerAsync();
        var attester = await _setup.StartAttesterAsync(issuer, ("BearerKeys:0:Key", Key), ("Management", "http://127.0.0.1:0"));
        await AttesterSetup.AskAsync(attester, 3, Key);
        await AttesterSetup.AskAsync(attester, 1, bearer: null);

        Assert.Equal(HttpStatusCode.NotFound, (await AttesterSetup.GetAsync(attester, "/metrics")).Status);
        var (status, checkpoint) = await AttesterSetup.GetAsync(attester, "/key-log/checkpoint");
        Assert.Equal((HttpStatusCode.OK, checkpoint), (status, (await AttesterSetup.GetAsync(issuer, "/key-log/checkpoint")).Body));
        Assert.Equal(HttpStatusCode.NotFound, (await AttesterSetup.GetAsync(attester, "/key-log/..%2f..%2ftoken-request")).Status);
        using var management = new HttpClient { BaseAddress = new Uri(attester.Application.Urls.Last()) };
        var metrics = await management.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("privacy_attester_tokens_total{attestation=\"bearer\"} 3", metrics, StringComparison.Ordinal);
        Assert.Contains("privacy_attester_requests_total{attestation=\"none\",status=\"401\"} 1", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, metrics, StringComparison.Ordinal);
        Assert.All(DeployedMetrics.Of("privacy_attester"), name => Assert.Contains($"\n{name}{{", metrics, StringComparison.Ordinal));
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
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => _setup.StartAttesterAsync(null, [.. settings.Select(static pair => (pair.Key, pair.Value))]));
        Assert.Contains($"PrivacyAttester:{key}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_knows_nobody_does_not_start()
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => _setup.StartAttesterAsync(null, ("Issuer:Url", "http://127.0.0.1:1")));
        Assert.Contains("PrivacyAttester:BearerKeys", error.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, ECDsa key)
    {
        var request = new CertificateRequest("CN=of the authority", key, HashAlgorithmName.SHA256);
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-30), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
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
