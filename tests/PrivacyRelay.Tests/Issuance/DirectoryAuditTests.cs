using System.Net;
using System.Net.Http.Headers;
using PrivacyPass.Issuance;
using PrivacyRelay.Issuance;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;
using TransparencyLog.Serving;
using TransparencyLog.Storage;

namespace PrivacyRelay.Tests.Issuance;

/// <summary>A relay that wants its issuer audited asks for no token with a key that is not.</summary>
public sealed class DirectoryAuditTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("directory-audit-tests-");
    private readonly NoteSigner _log = NoteSigner.Generate("issuer.example/key-log", NoteKeyKind.Note);
    private readonly NoteSigner _auditor = NoteSigner.Generate("auditor.example", NoteKeyKind.Cosignature);
    private readonly FakeIssuer _issuer = new() { CacheControl = new CacheControlHeaderValue { NoStore = true } };
    private readonly StoredLog _stored;
    private readonly HttpClient _http;
    private readonly IssuerClient _client;

    public DirectoryAuditTests()
    {
        _stored = StoredLog.Open(_folder.FullName, _log, TimeProvider.System);
        _http = new HttpClient(new LogBeside(_issuer, _stored));
        var trust = new LogTrust(_log.Key, [_auditor.Key], 1, TimeSpan.FromHours(1));
        _client = new IssuerClient(_http, FakeIssuer.DirectoryUrl, audit: new DirectoryAudit(_http, FakeIssuer.DirectoryUrl, trust, logUrl: null, TimeProvider.System));
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
        _stored.Dispose();
        _log.Dispose();
        _auditor.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Tokens_come_for_keys_that_are_audited()
    {
        Append();
        _stored.Publish(_stored.Head, [_auditor.Sign(_stored.Head.Text, DateTimeOffset.UtcNow)]);
        Assert.Equal(2, (await RequestAsync()).Count);
    }

    [Fact]
    public async Task No_token_is_asked_for_with_a_key_that_is_not_in_the_log_or_not_cosigned()
    {
        var missing = await Assert.ThrowsAsync<IssuerException>(RequestAsync);
        Assert.Contains("not audited", missing.Message, StringComparison.Ordinal);
        Append();
        Assert.Contains("too few auditors", (await Assert.ThrowsAsync<IssuerException>(RequestAsync)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_issuer.Asked, static asked => asked.Path == "/token-request");
    }

    private void Append() => _stored.Append(IssuerDirectoryLog.EncodeEntry("issuer.example", new IssuerDirectory(_issuer.RequestUri, [_issuer.Entry]).WriteJson()));

    private Task<IReadOnlyList<byte[]>> RequestAsync() => _client.RequestTokensAsync(_issuer.Challenge, null, 2, CancellationToken.None);

    private sealed class LogBeside(HttpMessageHandler issuer, StoredLog log) : DelegatingHandler(issuer)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.RequestUri!.AbsolutePath.StartsWith("/key-log/", StringComparison.Ordinal)) return base.SendAsync(request, cancellationToken);
            var body = LogResource.Find(log, request.RequestUri.AbsolutePath["/key-log/".Length..])?.Body;
            return Task.FromResult(new HttpResponseMessage(body is null ? HttpStatusCode.NotFound : HttpStatusCode.OK) { Content = new ByteArrayContent(body ?? []) });
        }
    }
}
