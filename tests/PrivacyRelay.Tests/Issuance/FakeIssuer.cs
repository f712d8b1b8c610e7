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

    /// <summary>What the requests for tokens were.</summary>
    public ConcurrentQueue<string> MediaTypes { get; } = [];

    /// <summary>What the directory says of batches.</summary>
    public IssuerBatchLimits? BatchLimits { get; set; }

    /// <summary>How many tokens of a generic batch are not issued, its first ones.</summary>
    public int GenericRefusals { get; set; }

    public int DirectoryFetches { get; private set; }

    /// <summary>Answers a token request by its number from 1; null to issue.</summary>
    public Func<int, HttpResponseMessage?> Answer { get; set; } = _ => null;

    /// <summary>Runs when the directory is fetched, before it is answered.</summary>
    public Action DirectoryFetched { get; set; } = () => { };

    public TokenChallenge Challenge => new(Published.Type, "issuer.example", [], "");

    /// <summary>From when on the directory says that the key may be used.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    public IssuerDirectoryKey Entry => new((ushort)Published.Type, Published.PublicKey, NotBefore);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Enqueue((request.RequestUri!.AbsolutePath, request.Headers.Authorization?.ToString()));
        if (request.RequestUri == DirectoryUrl) return Directory();
        Assert.Equal("https://issuer.example/token-request", request.RequestUri.AbsoluteUri);
        var mediaType = request.Content!.Headers.ContentType!.ToString();
        MediaTypes.Enqueue(mediaType);
        var body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
        if (Answer(Interlocked.Increment(ref _requests)) is { } answer) return answer;
        try
        {
            return mediaType switch
            {
                PrivateTokenMediaTypes.TokenRequest => Issued(Key.Issue(body), PrivateTokenMediaTypes.TokenResponse),
                PrivateTokenMediaTypes.AmortizedBatchRequest => Issued(((IBatchTokenIssuer)Key).IssueBatch(body), PrivateTokenMediaTypes.AmortizedBatchResponse),
                PrivateTokenMediaTypes.GenericBatchRequest => IssueGeneric(body),
                _ => new HttpResponseMessage(HttpStatusCode.UnsupportedMediaType),
            };
        }
        catch (TokenIssuanceException)
        {
            return new HttpResponseMessage(HttpStatusCode.UnprocessableEntity);
        }
    }

    private HttpResponseMessage IssueGeneric(byte[] body)
    {
        Assert.True(GenericBatch.TryReadRequest(body, 1000, out var requests));
        var responses = requests.Select((range, i) => (Key.Type, i >= GenericRefusals ? Key.Issue(body.AsSpan(range)) : null));
        var response = Issued(GenericBatch.WriteResponse(responses), PrivateTokenMediaTypes.GenericBatchResponse);
        if (GenericRefusals > 0) response.StatusCode = HttpStatusCode.PartialContent;
        return response;
    }

    private static HttpResponseMessage Issued(byte[] body, string mediaType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private HttpResponseMessage Directory()
    {
        DirectoryFetches++;
        DirectoryFetched();
        var directory = Encoding.UTF8.GetString(new IssuerDirectory(RequestUri, [Entry], BatchLimits).WriteJson());
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(directory.Replace("[{", $"[{EntriesBefore}{{", StringComparison.Ordinal)) };
        response.Headers.CacheControl = CacheControl;
        return response;
    }
}
