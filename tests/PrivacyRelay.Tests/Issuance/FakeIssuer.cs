using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using PrivacyPass;
using PrivacyPass.Issuance;

namespace PrivacyRelay.Tests.Issuance;

/// <summary>An issuer behind an <see cref="HttpMessageHandler"/>: real tokens of type 1, and every way to misbehave.</summary>
internal sealed class FakeIssuer : HttpMessageHandler
{
    public static readonly Uri DirectoryUrl = new("https://issuer.example/.well-known/private-token-issuer-directory");

    private int _requests;

    public FakeIssuer() => Published = Key = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);

    /// <summary>The key that issues.</summary>
    public ITokenIssuer Key { get; set; }

    /// <summary>The key in the directory.</summary>
    public ITokenIssuer Published { get; set; }

    /// <summary>Entries as JSON that the directory lists before the key.</summary>
    public string EntriesBefore { get; set; } = "";

    public CacheControlHeaderValue? CacheControl { get; set; }

    /// <summary>Where the directory says that tokens are asked for.</summary>
    public string RequestUri { get; set; } = "/token-request";

    /// <summary>The Authorization of the directory's fetches and of the requests for tokens.</summary>
    public ConcurrentQueue<(string Path, string? Authorization)> Asked { get; } = [];

    public int DirectoryFetches { get; private set; }

    /// <summary>Answers a token request by its number from 1; null to issue.</summary>
    public Func<int, HttpResponseMessage?> Answer { get; set; } = _ => null;

    /// <summary>Runs when the directory is fetched, before it is answered.</summary>
    public Action DirectoryFetched { get; set; } = () => { };

    public TokenChallenge Challenge { get; } = new(TokenType.VoprfP384, "issuer.example", [], "");

    /// <summary>From when on the directory says that the key may be used.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    public IssuerDirectoryKey Entry => new((ushort)Published.Type, Published.PublicKey, NotBefore);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Enqueue((request.RequestUri!.AbsolutePath, request.Headers.Authorization?.ToString()));
        if (request.RequestUri == DirectoryUrl) return Directory();
        Assert.Equal("https://issuer.example/token-request", request.RequestUri.AbsoluteUri);
        Assert.Equal(PrivateTokenMediaTypes.TokenRequest, request.Content!.Headers.ContentType!.ToString());
        var body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
        if (Answer(Interlocked.Increment(ref _requests)) is { } answer) return answer;
        try
        {
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Key.Issue(body)) };
        }
        catch (TokenIssuanceException)
        {
            return new HttpResponseMessage(HttpStatusCode.UnprocessableEntity);
        }
    }

    private HttpResponseMessage Directory()
    {
        DirectoryFetches++;
        DirectoryFetched();
        var directory = Encoding.UTF8.GetString(new IssuerDirectory(RequestUri, [Entry]).WriteJson());
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(directory.Replace("[{", $"[{EntriesBefore}{{", StringComparison.Ordinal)) };
        response.Headers.CacheControl = CacheControl;
        return response;
    }
}
