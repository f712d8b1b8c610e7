using System.Buffers.Text;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using PrivacyPass.AspNetCore.Authentication;
using PrivacyPass.Http;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>Where an origin's keys come from, and which of its issuers a page takes.</summary>
public sealed class PrivateTokenIssuersTests : IAsyncLifetime
{
    private const string Secret = "a secret that all servers share.";

    private static readonly ITokenIssuer _rsa = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
    private static readonly ITokenIssuer _nextRsa = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
    private static readonly ITokenIssuer _voprf = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);

    private readonly WebApplication _issuer;
    private volatile Func<byte[]?> _directory = static () => Directory(_rsa);
    private volatile int _fetches;

    public PrivateTokenIssuersTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        _issuer.Run(async context =>
        {
            Interlocked.Increment(ref _fetches);
            if (_directory() is not { } body || context.Request.Path != IssuerDirectory.WellKnownPath) context.Response.StatusCode = 500;
            else await context.Response.Body.WriteAsync(body);
        });
    }

    public Task InitializeAsync() => _issuer.StartAsync();

    public async Task DisposeAsync() => await _issuer.DisposeAsync();

    private static byte[] Directory(params ITokenIssuer[] keys) =>
        new IssuerDirectory("/token-request", keys.Select(static key => new IssuerDirectoryKey((ushort)key.Type, key.PublicKey))).WriteJson();

    private PrivateTokenIssuer Fetched => new(_issuer.Urls.First()) { RefreshInterval = TimeSpan.FromSeconds(1), RemovalGrace = TimeSpan.FromMinutes(5) };

    private static PrivateTokenIssuer Given(string name, ITokenIssuer issuer) => issuer.Type == TokenType.VoprfP384
        ? new PrivateTokenIssuer { Name = name, PrivateKeys = [Base64Url.EncodeToString(issuer.ExportPrivateKey())] }
        : new PrivateTokenIssuer { Name = name, PublicKeys = [Base64Url.EncodeToString(issuer.PublicKey.Span)] };

    [Fact]
    public async Task Keys_come_from_the_directory_rotate_with_it_and_are_kept_while_it_is_away()
    {
        await using var origin = await TestOrigin.StartAsync(options => options.Issuers.Add(Fetched));
        // A start waits two seconds for keys; a machine that starves needs more.
        await origin.UntilAsync(async () => (await origin.ChallengesAsync()).Count == 1);
        var challenge = Assert.Single(await origin.ChallengesAsync());
        Assert.Equal(_rsa.PublicKey.ToArray(), challenge.TokenKey!.Value.ToArray());
        TokenChallenge.TryRead(challenge.Challenge.Span, out var read);
        Assert.Equal((new Uri(_issuer.Urls.First()).Authority, TestOrigin.Name), (read!.IssuerName, read.OriginInfo));
        var (first, late, ended) = (await origin.TokenAsync(_rsa), await origin.TokenAsync(_rsa), await origin.TokenAsync(_rsa));
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(first));
        Assert.Equal(HttpStatusCode.Unauthorized, await origin.GetAsync(first));

        foreach (var broken in new byte[]?[] { null, "{}"u8.ToArray(), Directory() })
        {
            _directory = () => broken;
            var seen = _fetches;
            await origin.UntilAsync(() => Task.FromResult(_fetches >= seen + 2));
            Assert.Single(await origin.ChallengesAsync());
        }

        _directory = static () => Directory(_nextRsa);
        await origin.UntilAsync(async () => (await origin.ChallengesAsync())[0].TokenKey!.Value.Span.SequenceEqual(_nextRsa.PublicKey.Span));
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(await origin.TokenAsync(_nextRsa)));
        // Through the grace of a key that was taken off, and no longer.
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(late));
        origin.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.Unauthorized, await origin.GetAsync(ended));
    }

    [Fact]
    public async Task While_no_key_is_known_there_is_503_and_then_the_challenge()
    {
        _directory = static () => null;
        await using var origin = await TestOrigin.StartAsync(options => options.Issuers.Add(Fetched));
        using (var early = await origin.SendAsync())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
            Assert.NotNull(early.Headers.RetryAfter);
        }

        _directory = static () => Directory(_rsa);
        await origin.UntilAsync(async () => (await origin.ChallengesAsync()).Count == 1);
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(await origin.TokenAsync(_rsa)));
    }

    [Fact]
    public async Task Issuers_are_offered_in_the_order_of_the_options()
    {
        await using var origin = await TestOrigin.StartAsync(static options => options.Issuers = [Given("second.example", _voprf), Given("first.example", _rsa)]);
        Assert.Equal(["second.example", "first.example"], (await origin.ChallengesAsync()).Select(NameOf));
    }

    [Theory]
    [InlineData("/of-one", "one.example")]
    [InlineData("/of-type-1", "one.example")]
    [InlineData("/of-two", "two.example")]
    [InlineData("/of-type-2", "two.example")]
    public async Task A_policy_takes_its_issuers_and_types_and_leaves_other_tokens_good(string path, string wanted)
    {
        await using var origin = await TestOrigin.StartAsync(
            static options => options.Issuers = [Given("one.example", _voprf), Given("two.example", _rsa)],
            static application =>
            {
                application.MapGet("/of-one", () => "in").RequireAuthorization(policy => policy.RequirePrivateToken("one.example"));
                application.MapGet("/of-two", () => "in").RequireAuthorization(policy => policy.RequirePrivateToken("two.example"));
                application.MapGet("/of-type-1", () => "in").RequireAuthorization(policy => policy.RequirePrivateToken([], [TokenType.VoprfP384]));
                application.MapGet("/of-type-2", () => "in").RequireAuthorization(policy => policy.RequirePrivateToken([], [TokenType.BlindRsa2048]));
            });
        var (good, other) = wanted == "one.example" ? (_voprf, _rsa) : (_rsa, _voprf);
        Assert.Equal([wanted], (await origin.ChallengesAsync(path)).Select(NameOf));
        var (token, wrong) = (await origin.TokenAsync(good), await origin.TokenAsync(other));

        using (var refused = await origin.SendAsync(wrong, path))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal([wanted], PrivateTokenChallenge.ReadAll(refused.Headers.GetValues("WWW-Authenticate")).Select(NameOf));
        }

        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(token, path));
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(wrong));
    }

    [Fact]
    public async Task A_token_for_a_window_is_taken_to_the_end_of_the_next()
    {
        var window = TimeSpan.FromMinutes(10);
        await using var origin = await TestOrigin.StartAsync(options => (options.Issuers, options.ContextWindow, options.ContextSecret) = ([Given("one.example", _voprf)], window, Secret));
        var challenge = Assert.Single(await origin.ChallengesAsync());
        Assert.Equal((int)window.TotalSeconds, challenge.MaxAge);
        var (now, next, late) = (await origin.TokenAsync(_voprf), await origin.TokenAsync(_voprf), await origin.TokenAsync(_voprf));

        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(now));
        origin.Time.Advance(window);
        await origin.UntilAsync(async () => !(await origin.ChallengesAsync())[0].Challenge.Span.SequenceEqual(challenge.Challenge.Span));
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(next));
        origin.Time.Advance(window);
        await origin.UntilAsync(async () => await origin.GetAsync(late) == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(await origin.TokenAsync(_voprf)));
    }

    [Fact]
    public async Task Greased_challenges_are_skipped_by_who_reads_them_and_stand_behind_the_preferred_one()
    {
        await using var origin = await TestOrigin.StartAsync(static options => (options.Issuers, options.Grease) = ([Given("one.example", _voprf), Given("two.example", _rsa)], true));
        var readings = PrivateTokenChallenge.ReadEach(await origin.FieldsAsync());
        Assert.Equal([PrivateTokenChallengeError.None, PrivateTokenChallengeError.GreasedType, PrivateTokenChallengeError.None], readings.Select(static reading => reading.Error));
        Assert.Equal(HttpStatusCode.OK, await origin.GetAsync(await origin.TokenAsync(_rsa)));
    }

    public static TheoryData<Action<PrivateTokenOptions>, string> Unusable => new()
    {
        { static options => options.Issuers = [], "Issuers: expected at least one" },
        { static options => options.OriginInfo = null, "OriginInfo" },
        { static options => options.Issuers.Add(new PrivateTokenIssuer("issuer.example")), "Issuers[1].Name" },
        { static options => options.Issuers.Add(new PrivateTokenIssuer("ftp://issuer.example")), "Issuers[1].Directory" },
        { static options => options.Issuers.Add(Given("one.example", _rsa)), "Issuers[1].Name" },
        { static options => options.Issuers[0].TokenTypes = [3], "Issuers[0].TokenTypes" },
        { static options => options.ContextWindow = TimeSpan.FromHours(1), "ContextSecret" },
        { static options => (options.ContextWindow, options.ContextSecret) = (TimeSpan.FromSeconds(1), Secret), "ContextWindow" },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Options_that_cannot_be_used_end_the_start(Action<PrivateTokenOptions> spoil, string named)
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => TestOrigin.StartAsync(options =>
        {
            options.Issuers = [Given("one.example", _voprf)];
            spoil(options);
        }));
        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    private static string NameOf(PrivateTokenChallenge challenge)
    {
        TokenChallenge.TryRead(challenge.Challenge.Span, out var read);
        return read!.IssuerName;
    }
}
