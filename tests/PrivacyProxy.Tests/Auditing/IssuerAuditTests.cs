using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Hosting;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption.Auditing;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Tests.Configuration;
using PrivacyProxy.Tests.Redemption;
using TransparencyLog.Notes;
using TransparencyLog.Serving;

namespace PrivacyProxy.Tests.Auditing;

/// <summary>A proxy that is told to have keys audited uses those that are, and no others.</summary>
public sealed class IssuerAuditTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly NoteSigner[] _auditors = [.. Enumerable.Range(0, 3).Select(static index => NoteSigner.Generate($"auditor{index}.example", NoteKeyKind.Cosignature))];
    private readonly RecordingLogs _logs = new();
    private readonly TemporaryDirectory _data = new();
    private readonly ProxyMeter _meter = new();
    private LoggedIssuer _issuer = null!;
    private SeenDirectories _seen = null!;

    public async Task InitializeAsync() => _issuer = await LoggedIssuer.StartAsync(_time);

    public async Task DisposeAsync()
    {
        await _issuer.DisposeAsync();
        _meter.Dispose();
        _data.Dispose();
        foreach (var auditor in _auditors) auditor.Dispose();
    }

    [Fact]
    public Task Keys_that_enough_auditors_have_seen_are_used() => WithRefresherAsync(async keys =>
    {
        _issuer.Publish(TestDirectories.Of(RedemptionWorld.Rsa), _auditors[0], _auditors[2]);
        await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
        Assert.Equal(1, Metrics["privacy_proxy_issuer_audited{issuer=issuer.example}"]);
    });

    [Fact]
    public Task A_key_that_is_shown_here_alone_is_refused_and_those_known_before_stay() => WithRefresherAsync(async keys =>
    {
        _issuer.Publish(TestDirectories.Of(RedemptionWorld.Rsa), _auditors[..2]);
        await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
        _issuer.Directory = TestDirectories.Of(RedemptionWorld.OtherRsa);
        await UntilAsync(() => Metrics["privacy_proxy_issuer_audit_refusals_total{issuer=issuer.example,reason=not_logged}"] > 1);
        Assert.Null(keys.Current.Find(RedemptionWorld.OtherRsa.KeyId));
        Assert.NotNull(keys.Current.Find(RedemptionWorld.Rsa.KeyId));
        Assert.Equal(0, Metrics["privacy_proxy_issuer_audited{issuer=issuer.example}"]);
        Assert.Contains(_logs.Lines, static line => line.Contains("not audited: it is not in the log", StringComparison.Ordinal));
        // It was shown to this proxy, so its own log has it for auditors to find.
        Assert.Equal(2, Checkpoint.Parse(SignedNote.Parse(LogResource.Find(_seen.Log!.Log, "checkpoint")!.Body)!.Text)!.Size);
        // The auditors see it too: then it is no lie any more.
        _issuer.Publish(_issuer.Directory, _auditors[..2]);
        await UntilAsync(() => keys.Current.Find(RedemptionWorld.OtherRsa.KeyId) is not null);
    });

    [Fact]
    public Task A_fork_that_the_log_signed_for_this_proxy_alone_is_refused() => WithRefresherAsync(async keys =>
    {
        _issuer.Publish(TestDirectories.Of(RedemptionWorld.Rsa), _auditors[0]);
        await UntilAsync(() => Metrics["privacy_proxy_issuer_audit_refusals_total{issuer=issuer.example,reason=too_few_cosigners}"] > 0);
        Assert.Equal([LoggedIssuer.Name], keys.Current.Pending);
    });

    [Fact]
    public Task Cosignatures_that_are_too_old_show_the_past_and_are_refused() => WithRefresherAsync(async keys =>
    {
        _issuer.Append(TestDirectories.Of(RedemptionWorld.Rsa));
        _issuer.Cosign(_auditors);
        _time.Advance(TimeSpan.FromDays(2));
        _issuer.Directory = TestDirectories.Of(RedemptionWorld.Rsa);
        await UntilAsync(() => Metrics["privacy_proxy_issuer_audit_refusals_total{issuer=issuer.example,reason=stale}"] > 0);
        Assert.Null(keys.Current.Find(RedemptionWorld.Rsa.KeyId));
        _issuer.Cosign(_auditors);
        await UntilAsync(() => keys.Current.Find(RedemptionWorld.Rsa.KeyId) is not null);
    });

    [Theory]
    [InlineData("LogKey", null, "Issuers:0:LogKey")]
    [InlineData("LogKey", "issuer.example+00000000+AAAA", "Issuers:0:LogKey")]
    [InlineData("Auditors:0", "auditor", "Issuers:0:Auditors:0")]
    [InlineData("AuditorQuorum", "4", "Issuers:0:AuditorQuorum")]
    [InlineData("LogUrl", "ftp://issuer.example", "Issuers:0:LogUrl")]
    public void A_bad_setting_is_named(string key, string? value, string named)
    {
        var settings = Settings().Where(setting => setting.Item1 != $"Issuers:0:{key}").ToList();
        if (value is not null) settings.Add(($"Issuers:0:{key}", value));
        Assert.Contains(named, Assert.Throws<PrivacyProxy.Configuration.InvalidConfigurationException>(() => TestOptions.Of(settings).Live.CurrentValue).Message, StringComparison.Ordinal);
    }

    private MetricRecorder Metrics => new(_meter);

    private List<(string, string)> Settings() =>
    [
        ("Issuers:0:Name", LoggedIssuer.Name),
        ("Issuers:0:Directory", _issuer.Url.ToString()),
        ("Issuers:0:RefreshInterval", "00:00:01"),
        ("Issuers:0:LogKey", _issuer.Signer.Key.ToString()),
        ("Issuers:0:AuditorQuorum", "2"),
        .. _auditors.Select(static (auditor, index) => ($"Issuers:0:Auditors:{index}", auditor.Key.ToString())),
        ("Tls:Data", _data.Path),
    ];

    private async Task WithRefresherAsync(Func<AcceptedKeySet, Task> test)
    {
        using var options = TestOptions.Of(Settings());
        var identity = new ProxyIdentity(options.Live);
        var keys = new AcceptedKeySet(static () => new ChallengeSettings("proxy.example", null, false), _time);
        using var seen = _seen = new SeenDirectories(options.Of(static options => options.KeyLog), options.Of(static options => options.Tls), identity, _time, NullLogger<SeenDirectories>.Instance);
        var audits = new IssuerAudits(seen, new AuditFindings(_meter), _time);
        using var refresher = new IssuerKeyRefresher(
            () => options.Live.CurrentValue.Issuers, keys, _time, new LoggerFactory([_logs]).CreateLogger<IssuerKeyRefresher>(), issuer => audits.Of((IssuerOptions)issuer));
        await refresher.StartAsync(CancellationToken.None);
        await test(keys);
        await refresher.StopAsync(CancellationToken.None);
    }

    /// <summary>Time goes a second on with every look.</summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, patience.Token);
        }
    }
}
