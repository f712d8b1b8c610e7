using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>An attester before an issuer of one's own making, which notes what came.</summary>
internal sealed class AttesterApplication : IAsyncDisposable
{
    private readonly ITokenIssuer _key = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
    private readonly WebApplication _issuer;
    private readonly WebApplication _attester;
    private readonly List<ITokenClient> _clients = [];

    private AttesterApplication(WebApplication issuer, Action<TokenAttestationBuilder> attester, Action<IApplicationBuilder>? use)
    {
        _issuer = issuer;
        _issuer.Run(AnswerAsync);
        _issuer.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        attester(builder.Services.AddPrivacyPassAttester(options =>
        {
            options.Issuer = new Uri(_issuer.Urls.First());
            options.Timeout = TimeSpan.FromSeconds(5);
        }));
        _attester = builder.Build();
        use?.Invoke(_attester);
        _attester.MapPrivacyPassAttester();
        _attester.Start();
        Client = _attester.GetTestClient();
    }

    public HttpClient Client { get; }

    /// <summary>The header fields of each request that reached the issuer.</summary>
    public List<Dictionary<string, string>> Seen { get; } = [];

    public IServiceProvider Services => _attester.Services;

    /// <summary>What the issuer does before it issues; null for nothing.</summary>
    public Func<HttpContext, Task>? Before { get; set; }

    /// <summary>What the issuer does in place of issuing; null to issue.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    public static AttesterApplication Start(Action<TokenAttestationBuilder> attester, Action<IApplicationBuilder>? use = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        return new AttesterApplication(builder.Build(), attester, use);
    }

    public PendingToken CreateRequest()
    {
        var client = TokenCryptography.CreateClient(TokenType.VoprfP384, _key.PublicKey.Span);
        _clients.Add(client);
        return client.CreateRequest(Challenge);
    }

    public PendingTokenBatch CreateBatch(int count)
    {
        var client = (IBatchTokenClient)TokenCryptography.CreateClient(TokenType.VoprfP384, _key.PublicKey.Span);
        _clients.Add(client);
        return client.CreateBatchRequest(Challenge, count);
    }

    public Task<HttpResponseMessage> PostAsync(ReadOnlyMemory<byte> body, string? authorization, string mediaType = PrivateTokenMediaTypes.TokenRequest)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/token-request") { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        request.Headers.TryAddWithoutValidation("User-Agent", "a-client-of-its-own");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "203.0.113.7");
        request.Headers.TryAddWithoutValidation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.TryAddWithoutValidation("Cookie", "who=me");
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _clients.ForEach(static client => client.Dispose());
        await _attester.DisposeAsync();
        await _issuer.DisposeAsync();
        _key.Dispose();
    }

    private static byte[] Challenge => new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], "").Encoded.ToArray();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == IssuerDirectory.WellKnownPath)
        {
            await context.Response.Body.WriteAsync(new IssuerDirectory("/token-request", [new IssuerDirectoryKey((ushort)_key.Type, _key.PublicKey)]).WriteJson());
            return;
        }

        Seen.Add(context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        if (Before is { } before) await before(context);
        if (Instead is { } instead)
        {
            await instead(context);
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var isBatch = context.Request.ContentType == PrivateTokenMediaTypes.AmortizedBatchRequest;
        context.Response.ContentType = isBatch ? PrivateTokenMediaTypes.AmortizedBatchResponse : PrivateTokenMediaTypes.TokenResponse;
        await context.Response.Body.WriteAsync(isBatch ? ((IBatchTokenIssuer)_key).IssueBatch(body.ToArray()) : _key.Issue(body.ToArray()));
    }
}
