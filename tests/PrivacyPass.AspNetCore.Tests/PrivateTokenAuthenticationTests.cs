using System.Buffers.Text;
using System.Net;
using System.Reflection;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Authorization;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Authentication;
using PrivacyPass.Http;
using PrivacyPass.SpentTokens;

namespace PrivacyPass.AspNetCore.Tests;

public sealed class PrivateTokenAuthenticationTests : IDisposable
{
    private static readonly TokenChallenge _challenge = new(TokenType.VoprfP384, "issuer.example", [], "origin.example");
    private readonly ITokenIssuer _issuer = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);

    public void Dispose() => _issuer.Dispose();

    [Fact]
    public async Task Without_a_token_there_is_401_with_the_challenge_and_the_key()
    {
        await using var origin = await StartAsync();

        using var response = await GetAsync(origin);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var offered = Assert.Single(PrivateTokenChallenge.ReadAll(response.Headers.GetValues("WWW-Authenticate")));
        Assert.Equal(_challenge.Encoded.ToArray(), offered.Challenge.ToArray());
        Assert.Equal(_issuer.PublicKey.ToArray(), offered.TokenKey!.Value.ToArray());
    }

    [Fact]
    public async Task A_token_is_taken_once_and_refused_the_second_time()
    {
        await using var origin = await StartAsync();
        var token = CreateToken(_challenge);

        using var first = await GetAsync(origin, PrivateTokenCredentials.Write(token));
        using var second = await GetAsync(origin, PrivateTokenCredentials.Write(token));

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("issuer.example", await first.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
    }

    [Fact]
    public async Task Of_many_requests_with_one_token_exactly_one_is_taken()
    {
        await using var origin = await StartAsync();
        var credentials = PrivateTokenCredentials.Write(CreateToken(_challenge));

        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => GetAsync(origin, credentials))));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.OK);
        Assert.Equal(49, responses.Count(response => response.StatusCode == HttpStatusCode.Unauthorized));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(40)]
    [InlineData(70)]
    [InlineData(120)]
    public async Task A_token_with_any_part_changed_is_refused_and_the_real_one_still_taken(int changed)
    {
        await using var origin = await StartAsync();
        var token = CreateToken(_challenge);
        var other = token.ToArray();
        other[changed] ^= 1;

        using var refused = await GetAsync(origin, PrivateTokenCredentials.Write(other));
        using var taken = await GetAsync(origin, PrivateTokenCredentials.Write(token));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Theory]
    [InlineData("PrivateToken")]
    [InlineData("PrivateToken token=")]
    [InlineData("PrivateToken token=\"AAAA\"")]
    [InlineData("PrivateToken other=\"AAAA\"")]
    [InlineData("Bearer AAAA")]
    public async Task Credentials_without_a_token_are_refused_with_401(string credentials)
    {
        await using var origin = await StartAsync();
        using var response = await GetAsync(origin, credentials);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_token_for_another_challenge_is_refused()
    {
        await using var origin = await StartAsync();
        var token = CreateToken(new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], "another.example"));

        using var response = await GetAsync(origin, PrivateTokenCredentials.Write(token));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_the_store_cannot_say_the_answer_is_503(bool throws)
    {
        await using var origin = await StartAsync(services => services.AddSingleton<ISpentTokenStore>(new BrokenStore(throws)));

        using var response = await GetAsync(origin, PrivateTokenCredentials.Write(CreateToken(_challenge)));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    /// <summary>Pages that are open to all, however the scheme is set up: a token sent to them stays good.</summary>
    [Theory]
    [InlineData("/open")]
    [InlineData("/anonymous")]
    [InlineData("/anonymous-of-the-scheme")]
    [InlineData("/by-key")]
    [InlineData("/nowhere")]
    [InlineData("/open-challenge")]
    public async Task A_token_sent_to_a_page_that_asks_for_none_is_not_spent(string open)
    {
        // A page by another scheme needs one, and then the scheme is no longer the only one.
        foreach (var setUp in _setUps.Skip(open == "/by-key" ? 1 : 0))
        {
            foreach (var secret in new[] { "/secret", "/" })
            {
                await using var origin = await StartAsync(authentication: setUp);
                var credentials = PrivateTokenCredentials.Write(CreateToken(_challenge));

                (await GetAsync(origin, credentials, open)).Dispose();
                using var first = await GetAsync(origin, credentials, secret);
                using var second = await GetAsync(origin, credentials, secret);

                Assert.Equal(HttpStatusCode.OK, first.StatusCode);
                Assert.Equal("issuer.example", await first.Content.ReadAsStringAsync());
                Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
            }
        }
    }

    [Fact]
    public async Task A_fallback_policy_asks_at_every_page_that_is_not_anonymous()
    {
        await using var origin = await StartAsync(services => services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()));
        var credentials = PrivateTokenCredentials.Write(CreateToken(_challenge));

        (await GetAsync(origin, credentials, "/anonymous")).Dispose();
        using var first = await GetAsync(origin, credentials, "/open");
        using var second = await GetAsync(origin, credentials, "/open");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
    }

    /// <summary>Filters of MVC authenticate before they look whether everybody may come in.</summary>
    [Theory]
    [InlineData("/pages/anonymous", "/pages/secret", true)]
    [InlineData("/pages/anonymous", "/pages/secret", false)]
    [InlineData("/pages/anonymous-by-filter", "/pages/secret", true)]
    public async Task A_filter_of_all_actions_spends_no_token_at_an_anonymous_one(string open, string secret, bool namesScheme)
    {
        var policy = new AuthorizationPolicyBuilder(namesScheme ? [PrivateTokenDefaults.AuthenticationScheme] : []).RequireAuthenticatedUser().Build();
        foreach (var setUp in _setUps)
        {
            await using var origin = await StartAsync(
                services => services.AddControllers(options => options.Filters.Add(new AuthorizeFilter(policy)))
                    .ConfigureApplicationPartManager(parts => parts.FeatureProviders.Add(new OnlyPages())),
                setUp,
                static application => application.MapControllers());
            var credentials = PrivateTokenCredentials.Write(CreateToken(_challenge));

            using var anonymous = await GetAsync(origin, credentials, open);
            using var first = await GetAsync(origin, credentials, secret);
            using var second = await GetAsync(origin, credentials, secret);

            Assert.Equal(HttpStatusCode.OK, anonymous.StatusCode);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        }
    }

    [Fact]
    public async Task An_application_that_asks_by_itself_gets_the_token_spent()
    {
        foreach (var setUp in _setUps)
        {
            await using var origin = await StartAsync(authentication: setUp);
            var credentials = PrivateTokenCredentials.Write(CreateToken(_challenge));

            using var first = await GetAsync(origin, credentials, "/asks");
            using var second = await GetAsync(origin, credentials, "/asks");

            Assert.Equal("True", await first.Content.ReadAsStringAsync());
            Assert.Equal("False", await second.Content.ReadAsStringAsync());
        }
    }

    /// <summary>The only scheme, the default by name, one of two without a default, and behind a default that forwards: a policy scheme or another.</summary>
    private static readonly Action<AuthenticationBuilder>[] _setUps =
    [
        _ => { },
        builder => AddKey(builder).Services.Configure<AuthenticationOptions>(options => options.DefaultScheme = PrivateTokenDefaults.AuthenticationScheme),
        builder => AddKey(builder).Services.Configure<AuthenticationOptions>(options => options.DefaultChallengeScheme = options.DefaultAuthenticateScheme = PrivateTokenDefaults.AuthenticationScheme),
        builder =>
        {
            AddKey(builder).AddPolicyScheme("Either", null, options => options.ForwardDefaultSelector = _ => PrivateTokenDefaults.AuthenticationScheme);
            builder.Services.Configure<AuthenticationOptions>(options => options.DefaultScheme = "Either");
        },
        builder =>
        {
            AddKey(builder).AddScheme<AuthenticationSchemeOptions, KeyHandler>("Forwarding", options => options.ForwardDefaultSelector = _ => PrivateTokenDefaults.AuthenticationScheme);
            builder.Services.Configure<AuthenticationOptions>(options => options.DefaultScheme = "Forwarding");
        },
    ];

    private static AuthenticationBuilder AddKey(AuthenticationBuilder builder) => builder.AddScheme<AuthenticationSchemeOptions, KeyHandler>("Key", null);

    private byte[] CreateToken(TokenChallenge challenge)
    {
        using var client = TokenCryptography.CreateClient(challenge.Type, _issuer.PublicKey.Span);
        using var pending = client.CreateRequest(challenge.Encoded.Span);
        return pending.Finalize(_issuer.Issue(pending.Request.Span));
    }

    private async Task<WebApplication> StartAsync(Action<IServiceCollection>? configure = null, Action<AuthenticationBuilder>? authentication = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        configure?.Invoke(builder.Services);
        var schemes = builder.Services.AddAuthentication().AddPrivateToken(options =>
        {
            options.OriginInfo = _challenge.OriginInfo;
            options.Issuers.Add(new PrivateTokenIssuer { Name = _challenge.IssuerName, PrivateKeys = [Base64Url.EncodeToString(_issuer.ExportPrivateKey())] });
        });
        authentication?.Invoke(schemes);
        builder.Services.AddAuthorization();
        var application = builder.Build();
        application.UseAuthentication();
        application.UseAuthorization();
        application.MapGet("/", (ClaimsPrincipal user) => user.FindFirstValue(PrivateTokenDefaults.IssuerClaim))
            .RequireAuthorization(new AuthorizeAttribute { AuthenticationSchemes = PrivateTokenDefaults.AuthenticationScheme });
        application.MapGet("/secret", (ClaimsPrincipal user) => user.FindFirstValue(PrivateTokenDefaults.IssuerClaim)).RequireAuthorization();
        application.MapGet("/open", () => "open");
        application.MapGet("/anonymous", () => "open").RequireAuthorization().AllowAnonymous();
        application.MapGet("/anonymous-of-the-scheme", () => "open")
            .RequireAuthorization(new AuthorizeAttribute { AuthenticationSchemes = PrivateTokenDefaults.AuthenticationScheme }).AllowAnonymous();
        application.MapGet("/open-challenge", () => Results.Challenge(authenticationSchemes: [PrivateTokenDefaults.AuthenticationScheme]));
        application.MapGet("/asks", async (HttpContext context) =>
        {
            var result = await context.AuthenticateAsync(PrivateTokenDefaults.AuthenticationScheme);
            return result.Succeeded.ToString();
        });
        application.MapGet("/by-key", () => "key").RequireAuthorization(new AuthorizeAttribute { AuthenticationSchemes = "Key" });
        map?.Invoke(application);
        await application.StartAsync();
        return application;
    }

    private static async Task<HttpResponseMessage> GetAsync(WebApplication origin, string? credentials = null, string path = "/")
    {
        using var client = origin.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (credentials is not null) request.Headers.TryAddWithoutValidation("Authorization", credentials);
        return await client.SendAsync(request);
    }

    /// <summary>A scheme whose requests never authenticate.</summary>
    private sealed class KeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }

    private sealed class OnlyPages : IApplicationFeatureProvider<ControllerFeature>
    {
        public void PopulateFeature(IEnumerable<ApplicationPart> parts, ControllerFeature feature)
        {
            feature.Controllers.Clear();
            feature.Controllers.Add(typeof(Pages).GetTypeInfo());
        }
    }

    [Route("pages")]
    private sealed class Pages : ControllerBase
    {
        [HttpGet("anonymous"), AllowAnonymous]
        public string Anonymous() => "open";

        [HttpGet("anonymous-by-filter"), AllowAnonymousFilter]
        public string AnonymousByFilter() => "open";

        [HttpGet("secret")]
        public string Secret() => "secret";
    }

    /// <summary>A filter that says it as MVC's own does, without being metadata of the endpoint.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class AllowAnonymousFilterAttribute : Attribute, IAllowAnonymousFilter;

    private sealed class BrokenStore(bool throws) : ISpentTokenStore
    {
        public string Name => "broken";

        public bool LooksUpFirst => false;

        public bool IsReady => true;

        public ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken) => SpendAsync(token, cancellationToken);

        public ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken) =>
            throws ? throw new IOException("The store is gone.") : ValueTask.FromResult(SpendOutcome.Unavailable);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
