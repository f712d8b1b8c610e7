using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>An issuer on a test server, with keys in a directory of its own and a clock that stands still.</summary>
internal sealed class IssuerApplication : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<ITokenClient> _clients = [];
    private readonly WebApplication _application;

    private IssuerApplication(Action<TokenAttestationBuilder>? attester, Action<PrivacyPassIssuerOptions>? configure)
    {
        TestKeys.CopyTo(_directory.Path);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Time);
        var issuer = builder.Services.AddPrivacyPassIssuer(options =>
        {
            options.Keys.Directory = _directory.Path;
            configure?.Invoke(options);
        });
        (attester ?? (a => a.AllowEverybody()))(issuer);
        _application = builder.Build();
        _application.MapPrivacyPassIssuer();
    }

    public FakeTimeProvider Time { get; } = TestKeys.Clock();

    public HttpClient Client { get; private set; } = null!;

    public string KeyDirectory => _directory.Path;

    public IssuerKeyRing Keys => _application.Services.GetRequiredService<IssuerKeyRing>();

    public IssuanceLimiter Limiter => _application.Services.GetRequiredService<IssuanceLimiter>();

    public static async Task<IssuerApplication> StartAsync(Action<TokenAttestationBuilder>? attester = null, Action<PrivacyPassIssuerOptions>? configure = null)
    {
        var issuer = new IssuerApplication(attester, configure);
        await issuer._application.StartAsync();
        issuer.Client = issuer._application.GetTestClient();
        return issuer;
    }

    public async Task<IssuerDirectory> GetDirectoryAsync()
    {
        var bytes = await Client.GetByteArrayAsync(new Uri(IssuerDirectory.WellKnownPath, UriKind.Relative));
        Assert.Equal(IssuerDirectoryError.None, IssuerDirectory.TryParse(bytes, out var directory));
        return directory!;
    }

    /// <summary>A request for the key in use, and what finishes it.</summary>
    public PendingToken CreateRequest(TokenType type = TokenType.BlindRsa2048)
    {
        var key = Keys.Keys.First(key => key.Type == type);
        var client = TokenCryptography.CreateClient(type, key.PublicKey.Span);
        _clients.Add(client);
        return client.CreateRequest(new TokenChallenge(type, "issuer.example", [], "").Encoded.Span);
    }

    public Task<HttpResponseMessage> PostAsync(
        ReadOnlyMemory<byte> body, string mediaType = PrivateTokenMediaTypes.TokenRequest, string? authorization = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/token-request") { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _clients.ForEach(client => client.Dispose());
        await _application.DisposeAsync();
        _directory.Dispose();
    }
}
