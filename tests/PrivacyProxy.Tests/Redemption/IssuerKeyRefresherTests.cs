using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Http;
using PrivacyPass.Issuance;
using PrivacyProxy.Tests.Configuration;

namespace PrivacyProxy.Tests.Redemption;

public sealed class IssuerKeyRefresherTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly WebApplication _issuer;
    private volatile Func<byte[]?> _directory = static () => null;
    private volatile int _fetches;

    public IssuerKeyRefresherTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        _issuer.Run(async context =>
        {
            Interlocked.Increment(ref _fetches);
            var body = _directory();
            if (body is null) context.Response.StatusCode = 500;
            else await context.Response.Body.WriteAsync(body);
        });
    }

    public Task InitializeAsync() => _issuer.StartAsync();

    public async Task DisposeAsync() => await _issuer.DisposeAsync();

    private static byte[] Directory(params ITokenIssuer[] keys) =>
        new IssuerDirectory("/token-request", keys.Select(key => new IssuerDirectoryKey((ushort)key.Type, key.PublicKey))).WriteJson();

    private readonly RecordingLogs _logs = new();

    [Fact]
    public async Task An_odd_key_is_named_once_and_the_good_one_beside_it_is_used()
    {
        using var rsa = RSA.Create(2048);
        var good = Encoding.UTF8.GetString(Directory(RedemptionWorld.Rsa));
        var odd = $$"""{"token-type":2,"token-key":"{{PaddedBase64Url.Encode(rsa.ExportSubjectPublicKeyInfo())}}"}""";
        await WithRefresherAsync(async keys =>
        {
            _directory = () => Encoding.UTF8.GetBytes(good.Replace("[{", $"[{odd},{{", StringComparison.Ordinal));
            await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
            Assert.Empty(keys.Current.Pending);
            var seen = _fetches;
            await UntilAsync(() => _fetches >= seen + 2);
            Assert.Contains("entry 0 of the directory's token-keys", Assert.Single(_logs.Lines, line => line.Contains("skipped", StringComparison.Ordinal)), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_damaged_key_file_and_a_directory_that_is_down_hide_no_key_of_another_file()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("issuer-keys-");
        using (IssuerKeyRing.Open(new IssuerKeyRingOptions { Directory = folder.FullName, TokenTypes = { TokenType.VoprfP384 } })) { }
        var file = Assert.Single(IssuerKeyRing.LoadVerifiers(folder.FullName));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "copied-by-half.key.json"), """{"format":1,""");
        await WithRefresherAsync(async keys =>
        {
            await UntilAsync(() => keys.Current.Find(file.Verifier.KeyId) is not null);
            Assert.Empty(keys.Current.Pending);
            Assert.Contains("copied-by-half", Assert.Single(_logs.Lines, line => line.Contains("skipped", StringComparison.Ordinal)), StringComparison.Ordinal);
        }, ("KeyDirectory", folder.FullName));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Keys_of_a_directory_that_an_audit_refuses_are_not_used_and_those_known_before_stay()
    {
        _audit = new TestAudit();
        await WithRefresherAsync(async keys =>
        {
            _directory = static () => Directory(RedemptionWorld.Rsa);
            await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
            _audit.Refusal = "nobody else has seen it";
            _directory = static () => Directory(RedemptionWorld.OtherRsa);
            await UntilAsync(() => _logs.Lines.Any(static line => line.Contains("nobody else has seen it", StringComparison.Ordinal)));
            Assert.Null(keys.Current.Find(RedemptionWorld.OtherRsa.KeyId));
            Assert.NotNull(keys.Current.Find(RedemptionWorld.Rsa.KeyId));
            _audit.Refusal = null;
            await UntilAsync(() => keys.Current.Find(RedemptionWorld.OtherRsa.KeyId) is not null);
            Assert.Equal(Directory(RedemptionWorld.OtherRsa), _audit.Seen);
        });
        Assert.True(_audit.IsDisposed);
    }

    [Fact]
    public Task Asked_by_a_signal_it_fetches_at_once_whenever_its_turn_would_be() => WithRefresherAsync(async keys =>
    {
        _directory = static () => Directory(RedemptionWorld.Rsa);
        await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
        _directory = static () => Directory(RedemptionWorld.OtherRsa);
        _refresher!.RefreshNow();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        // The clock stands still.
        while (keys.Current.Find(RedemptionWorld.OtherRsa.KeyId) is null) await Task.Delay(20, patience.Token);
    });

    [Fact]
    public async Task Authorities_of_a_directory_that_are_exchanged_are_read_again()
    {
        var (before, after) = (new TestAuthority("Before"), new TestAuthority("After"));
        using var certificate = after.Issue(["localhost"]);
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(folder.File("ca.pem"), before.Pem);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null))));
        await using var issuer = builder.Build();
        issuer.Run(static async context => await context.Response.Body.WriteAsync(Directory(RedemptionWorld.Rsa)));
        await issuer.StartAsync();
        await WithRefresherAsync(async keys =>
        {
            await UntilAsync(() => _logs.Lines.Any(static line => line.Contains("keys could not be loaded", StringComparison.Ordinal)));
            Assert.Null(keys.Current.Find(RedemptionWorld.Rsa.KeyId));
            await File.WriteAllTextAsync(folder.File("ca.pem"), after.Pem);
            await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
        }, ("Directory", $"https://localhost:{new Uri(issuer.Urls.First()).Port}/directory"), ("CaFile", folder.File("ca.pem")));
    }

    private IssuerKeyRefresher? _refresher;

    private TestAudit? _audit;

    private sealed class TestAudit : IIssuerAudit
    {
        public volatile string? Refusal;

        public byte[]? Seen { get; private set; }

        public bool IsDisposed { get; private set; }

        public Task<string?> CheckAsync(string issuer, byte[] directory, CancellationToken cancellationToken)
        {
            Seen = directory;
            return Task.FromResult(Refusal);
        }

        public void Forget(string issuer)
        {
        }

        public void Dispose() => IsDisposed = true;
    }

    private async Task WithRefresherAsync(Func<AcceptedKeySet, Task> test, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Name"] = RedemptionWorld.Issuer,
            ["Directory"] = $"{_issuer.Urls.First()}/directory",
            ["RefreshInterval"] = "00:00:01",
        };
        foreach (var (key, value) in settings) all[key] = value;
        using var options = TestOptions.Of([.. all.Select(static setting => ($"Issuers:0:{setting.Key}", setting.Value))]);
        var keys = new AcceptedKeySet(static () => new ChallengeSettings(""), _time);
        var issuers = options.Of(static options => options.Issuers);
        using var refresher = new IssuerKeyRefresher(() => issuers.CurrentValue, keys, _time, new LoggerFactory([_logs]).CreateLogger<IssuerKeyRefresher>(), _audit is null ? null : _ => _audit);
        _refresher = refresher;
        await refresher.StartAsync(CancellationToken.None);
        await test(keys);
        await refresher.StopAsync(CancellationToken.None);
    }

    /// <summary>Time goes a second on with every look, for the waits after failures add up to minutes.</summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, patience.Token);
        }
    }

    [Fact]
    public Task Keys_load_once_an_unreachable_issuer_comes_up() => WithRefresherAsync(async keys =>
    {
        await UntilAsync(() => _fetches >= 2);
        Assert.Equal([RedemptionWorld.Issuer], keys.Current.Pending);
        _directory = () => Directory(RedemptionWorld.Rsa, RedemptionWorld.Voprf);
        await UntilAsync(() => keys.Current.Pending.Count == 0);
        Assert.NotNull(keys.Current.Find(RedemptionWorld.Rsa.KeyId));
        // Type 1 needs the private key, which a directory does not give.
        Assert.Null(keys.Current.Find(RedemptionWorld.Voprf.KeyId));
    });

    [Fact]
    public Task A_rotated_key_is_taken_over_and_a_broken_directory_changes_nothing() => WithRefresherAsync(async keys =>
    {
        _directory = () => Directory(RedemptionWorld.Rsa);
        await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
        foreach (var broken in new byte[]?[] { null, "{}"u8.ToArray(), Directory(), new byte[IssuerDirectory.MaxSize + 1] })
        {
            _directory = () => broken;
            var seen = _fetches;
            await UntilAsync(() => _fetches >= seen + 2);
            Assert.NotNull(keys.Current.Find(RedemptionWorld.Rsa.KeyId));
            Assert.Empty(keys.Current.Pending);
        }
        _directory = () => Directory(RedemptionWorld.OtherRsa, RedemptionWorld.Rsa);
        await UntilAsync(() => keys.Current.Find(RedemptionWorld.OtherRsa.KeyId) is not null);
        Assert.NotNull(keys.Current.Find(RedemptionWorld.Rsa.KeyId));
    });
}
