using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass.AspNetCore.Authentication;
using PrivacyPass.Http;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>A site with one page for who has a token, others of the test's policies, and a clock of its own.</summary>
internal sealed class TestOrigin(WebApplication application, FakeTimeProvider time) : IAsyncDisposable
{
    public const string Name = "origin.example";

    public FakeTimeProvider Time => time;

    public static async Task<TestOrigin> StartAsync(Action<PrivateTokenOptions> configure, Action<WebApplication>? map = null, FakeTimeProvider? clock = null)
    {
        var time = clock ?? new FakeTimeProvider(DateTimeOffset.UtcNow);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddAuthentication().AddPrivateToken(options =>
        {
            options.OriginInfo = Name;
            configure(options);
        });
        builder.Services.AddAuthorization();
        var application = builder.Build();
        application.UseAuthentication();
        application.UseAuthorization();
        application.MapGet("/", (ClaimsPrincipal user) => user.FindFirstValue(PrivateTokenDefaults.IssuerClaim)).RequireAuthorization();
        map?.Invoke(application);
        await application.StartAsync();
        return new TestOrigin(application, time);
    }

    public async Task<HttpStatusCode> GetAsync(byte[]? token, string path = "/")
    {
        using var response = await SendAsync(token, path);
        return response.StatusCode;
    }

    public Task<HttpResponseMessage> SendAsync(byte[]? token = null, string path = "/") => SendAsync(token is null ? null : PrivateTokenCredentials.Write(token), path);

    public async Task<HttpResponseMessage> SendAsync(string? credentials, string path)
    {
        using var client = application.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (credentials is not null) request.Headers.TryAddWithoutValidation("Authorization", credentials);
        return await client.SendAsync(request);
    }

    /// <summary>The challenge fields of an answer without a token.</summary>
    public async Task<IReadOnlyList<string>> FieldsAsync(string path = "/")
    {
        using var response = await SendAsync((string?)null, path);
        return response.Headers.TryGetValues("WWW-Authenticate", out var fields) ? [.. fields] : [];
    }

    /// <summary>The challenges of an answer without a token that clients can answer.</summary>
    public async Task<IReadOnlyList<PrivateTokenChallenge>> ChallengesAsync(string path = "/") => PrivateTokenChallenge.ReadAll(await FieldsAsync(path));

    /// <summary>A token for the challenge of its type that the page shows first.</summary>
    public async Task<byte[]> TokenAsync(ITokenIssuer issuer, string path = "/")
    {
        var challenge = (await ChallengesAsync(path)).First(one => one.TokenKey is { } key && key.Span.SequenceEqual(issuer.PublicKey.Span));
        using var client = TokenCryptography.CreateClient(issuer.Type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest(challenge.Challenge.Span);
        return pending.Finalize(issuer.Issue(pending.Request.Span));
    }

    /// <summary>Time goes a second on with every look.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, patience.Token);
        }
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
