using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Attestation.Quotas;
using PrivacyProxy.Testing.Clocks;

namespace PrivacyPass.AspNetCore.Tests;

public sealed class AttesterTests
{
    private const string Key = "a-key-of-a-customer";
    private const string Suspended = "a-key-that-is-suspended";

    [Theory]
    [InlineData(null)]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer a-key-that-is-not-known")]
    public async Task Without_a_known_bearer_key_there_is_401_with_a_challenge(string? authorization)
    {
        await using var issuer = await StartWithKeysAsync();
        using var pending = issuer.CreateRequest();

        using var response = await issuer.PostAsync(pending.Request, authorization: authorization);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task An_overlong_bearer_key_is_refused_with_401()
    {
        await using var issuer = await StartWithKeysAsync();
        using var pending = issuer.CreateRequest();
        using var response = await issuer.PostAsync(pending.Request, authorization: "Bearer " + new string('a', 10_000));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_suspended_bearer_key_is_refused_with_403()
    {
        await using var issuer = await StartWithKeysAsync();
        using var pending = issuer.CreateRequest();
        using var response = await issuer.PostAsync(pending.Request, authorization: "Bearer " + Suspended);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_bearer_key_buys_its_quota_then_waits_for_the_next_window()
    {
        await using var issuer = await StartWithKeysAsync();
        using var pending = issuer.CreateRequest();
        async Task<HttpResponseMessage> AskAsync() => await issuer.PostAsync(pending.Request, authorization: "bearer " + Key);

        using var first = await AskAsync();
        issuer.Time.Advance(TimeSpan.FromMinutes(1));
        using var second = await AskAsync();
        using var third = await AskAsync();
        issuer.Time.Advance(third.Headers.RetryAfter!.Delta!.Value);
        using var fourth = await AskAsync();

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(59), third.Headers.RetryAfter.Delta);
        Assert.Equal(HttpStatusCode.OK, fourth.StatusCode);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    public void A_wall_clock_that_jumps_and_comes_back_neither_renews_a_quota_nor_withholds_the_next(int days)
    {
        var time = new JumpingTime();
        using var quotas = new TokenQuotas(file: null, time);
        var holder = new TokenHolder("bearer", "somebody", 2, TimeSpan.FromHours(1));

        Assert.Null(quotas.Take(holder, 1));
        time.Set(TimeSpan.FromDays(days));
        Assert.Null(quotas.Take(holder, 1));
        Assert.Equal(TimeSpan.FromHours(1), quotas.Take(holder, 1));
        time.Set(TimeSpan.FromDays(-days));
        time.Pass(TimeSpan.FromHours(1));
        Assert.Null(quotas.Take(holder, 1));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(-1000)]
    public async Task A_certificate_that_is_valid_stays_so_while_the_wall_clock_jumps(int days)
    {
        using var authority = TestCertificate.CreateForClient("CN=authority", issuer: null, isAuthority: true);
        using var signed = TestCertificate.CreateForClient("CN=client", authority);
        using var listed = TestCertificate.CreateForClient("CN=listed", issuer: null);
        var time = new JumpingTime(DateTimeOffset.UtcNow);
        var attester = CreateAttester(
            options =>
            {
                options.Authorities.Add(authority);
                options.Thumbprints.Add(listed.GetCertHashString(HashAlgorithmName.SHA256));
            },
            time);

        time.Set(TimeSpan.FromDays(days));

        Assert.Equal(200, await AttestAsync(attester, signed));
        Assert.Equal(200, await AttestAsync(attester, listed));
    }

    [Fact]
    public async Task A_malformed_request_uses_up_no_quota()
    {
        await using var issuer = await StartWithKeysAsync();
        for (var i = 0; i < 5; i++)
        {
            using var malformed = await issuer.PostAsync(new byte[10], authorization: "Bearer " + Key);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, malformed.StatusCode);
        }

        using var pending = issuer.CreateRequest();
        using var response = await issuer.PostAsync(pending.Request, authorization: "Bearer " + Key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Bearer_keys_that_cannot_be_used_stop_the_start_without_being_shown()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            IssuerApplication.StartAsync(issuer => issuer.UseBearerKeys(options => options.Keys.Add(new BearerKey { Key = "short" }))));

        Assert.Contains("Keys:0:Key", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("short", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_change_while_it_runs_and_one_that_stays_keeps_what_is_used_of_its_quota()
    {
        static BearerAttesterOptions Of(params (string Key, int Quota)[] keys)
        {
            var options = new BearerAttesterOptions();
            foreach (var (key, quota) in keys) options.Keys.Add(new BearerKey { Key = key, Quota = quota });
            return options;
        }

        var options = new ChangingOptions<BearerAttesterOptions>(Of((Key, 2), ("another-key-0123456789", 1)));
        using var quotas = new TokenQuotas(file: null, TimeProvider.System);
        using var keys = new BearerAttestation(options);
        var attester = new QuotaAttester([keys], quotas, NullLogger<QuotaAttester>.Instance);
        Assert.Equal(200, await AttestAsync(attester, Key));
        Assert.Equal(200, await AttestAsync(attester, "another-key-0123456789"));

        options.Change(Of((Key, 2), ("a-new-customer-012345", 1)));

        Assert.Equal(401, await AttestAsync(attester, "another-key-0123456789"));
        Assert.Equal(200, await AttestAsync(attester, "a-new-customer-012345"));
        Assert.Equal(200, await AttestAsync(attester, Key));
        Assert.Equal(429, await AttestAsync(attester, Key));
        // What is used stays used when the quota is raised.
        options.Change(Of((Key, 3)));
        Assert.Equal(200, await AttestAsync(attester, Key));
        Assert.Equal(429, await AttestAsync(attester, Key));
    }

    [Fact]
    public async Task Client_certificates_change_while_it_runs()
    {
        using var first = TestCertificate.CreateForClient("CN=first", issuer: null);
        using var second = TestCertificate.CreateForClient("CN=second", issuer: null);
        static ClientCertificateAttesterOptions Of(X509Certificate2 certificate)
        {
            var options = new ClientCertificateAttesterOptions();
            options.Thumbprints.Add(certificate.GetCertHashString(HashAlgorithmName.SHA256));
            return options;
        }

        var options = new ChangingOptions<ClientCertificateAttesterOptions>(Of(first));
        using var attester = new ClientCertificateAttestation(options, TimeProvider.System);
        Assert.Equal((200, 403), (await AttestAsync(attester, first), await AttestAsync(attester, second)));
        options.Change(Of(second));
        Assert.Equal((403, 200), (await AttestAsync(attester, first), await AttestAsync(attester, second)));
    }

    [Fact]
    public async Task An_issuer_without_an_attester_does_not_start()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => IssuerApplication.StartAsync(_ => { }));
        Assert.Contains("attester", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listed_client_certificate_gets_a_token_and_others_403()
    {
        using var listed = TestCertificate.CreateForClient("CN=listed", issuer: null);
        using var other = TestCertificate.CreateForClient("CN=other", issuer: null);
        var attester = CreateAttester(options => options.Thumbprints.Add(listed.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()));

        Assert.Equal(200, await AttestAsync(attester, listed));
        Assert.Equal(403, await AttestAsync(attester, other));
        Assert.Equal(403, await AttestAsync(attester, null));
    }

    [Fact]
    public async Task A_client_certificate_signed_by_an_authority_of_ours_gets_a_token_and_others_403()
    {
        using var authority = TestCertificate.CreateForClient("CN=authority", issuer: null, isAuthority: true);
        using var impostor = TestCertificate.CreateForClient("CN=authority", issuer: null, isAuthority: true);
        using var signed = TestCertificate.CreateForClient("CN=client", authority);
        using var forged = TestCertificate.CreateForClient("CN=client", impostor);
        var attester = CreateAttester(options => options.Authorities.Add(authority));

        Assert.Equal(200, await AttestAsync(attester, signed));
        Assert.Equal(403, await AttestAsync(attester, forged));
    }

    private static Task<IssuerApplication> StartWithKeysAsync() => IssuerApplication.StartAsync(issuer => issuer.UseBearerKeys(options =>
    {
        options.Keys.Add(new BearerKey { Key = Key, Quota = 2, Window = TimeSpan.FromHours(1) });
        options.Keys.Add(new BearerKey { Key = Suspended, Quota = 0 });
    }));

    private static ClientCertificateAttestation CreateAttester(Action<ClientCertificateAttesterOptions> configure, TimeProvider? time = null)
    {
        var options = new ClientCertificateAttesterOptions();
        configure(options);
        Assert.Empty(options.Validate());
        return new ClientCertificateAttestation(new ChangingOptions<ClientCertificateAttesterOptions>(options), time ?? TimeProvider.System);
    }

    private static async Task<int> AttestAsync(ClientCertificateAttestation attester, X509Certificate2? certificate)
    {
        var context = new DefaultHttpContext { Connection = { ClientCertificate = certificate } };
        return (await attester.RecognizeAsync(context, CancellationToken.None)).Refusal.StatusCode;
    }

    private static async Task<int> AttestAsync(QuotaAttester attester, string key)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = "Bearer " + key;
        return (await attester.AttestAsync(context, TokenType.BlindRsa2048, CancellationToken.None)).StatusCode;
    }

    private sealed class ChangingOptions<T>(T first) : IOptionsMonitor<T>
        where T : class
    {
        private Action<T, string?>? _listener;

        public T CurrentValue { get; private set; } = first;

        public T Get(string? name) => CurrentValue;

        public IDisposable? OnChange(Action<T, string?> listener)
        {
            _listener = listener;
            return null;
        }

        public void Change(T next)
        {
            CurrentValue = next;
            _listener!(next, null);
        }
    }
}
