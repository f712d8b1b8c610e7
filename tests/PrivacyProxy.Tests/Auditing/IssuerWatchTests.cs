using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Commands.Auditor;
using TransparencyLog.Notes;

namespace PrivacyProxy.Tests.Auditing;

/// <summary>The auditor finds out an issuer that does not show everybody the same, and cosigns for one that does.</summary>
public sealed class IssuerWatchTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly NoteSigner _signer = NoteSigner.Generate("auditor.example", NoteKeyKind.Cosignature);
    private readonly RecordingLogs _logs = new();
    private readonly TemporaryDirectory _data = new();
    private LoggedIssuer _issuer = null!;
    private LoggedIssuer _elsewhere = null!;
    private Findings _findings = null!;

    public async Task InitializeAsync()
    {
        _issuer = await LoggedIssuer.StartAsync(_time);
        _elsewhere = await LoggedIssuer.StartAsync(_time);
        _findings = Findings();
        _issuer.Publish(TestDirectories.WithKeys(1));
    }

    public async Task DisposeAsync()
    {
        await _issuer.DisposeAsync();
        await _elsewhere.DisposeAsync();
        _signer.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task An_issuer_that_rotates_its_keys_is_cosigned_and_nothing_is_found()
    {
        using var watch = Watch();
        for (var key = 2; key < 12; key++)
        {
            Assert.Empty(await watch.LookAsync(default));
            Assert.True(_signer.Key.Check(watch.Cosigner.Cosigned!) is { IsGood: true });
            Assert.Equal(key - 1, Checkpoint.Parse(watch.Cosigner.Cosigned!.Text)!.Size);
            _time.Advance(TimeSpan.FromDays(1));
            _issuer.Publish(TestDirectories.WithKeys(key, key - 1));
        }

        Assert.Empty(_findings.All);
    }

    [Fact]
    public async Task A_directory_that_is_not_in_the_log_is_found_and_the_log_not_cosigned_until_it_is()
    {
        using var watch = Watch();
        await watch.LookAsync(default);
        _time.Advance(TimeSpan.FromHours(1));
        var before = watch.Cosigner.Cosigned!.ToString();
        _issuer.Directory = TestDirectories.WithKeys(66);
        await watch.LookAsync(default);
        await watch.LookAsync(default);
        var found = Assert.Single(_findings.All);
        Assert.Equal((LoggedIssuer.Name, Finding.NotLogged, _issuer.Url.ToString()), (found.Issuer, found.Kind, found.Place));
        Assert.Equal(_issuer.Directory, File.ReadAllBytes(_data.File($"evidence/{found.Evidence}")));
        Assert.Equal(before, watch.Cosigner.Cosigned!.ToString());
        Assert.Single(_logs.Lines, static line => line.Contains("different keys in different places", StringComparison.Ordinal));
        _issuer.Publish(_issuer.Directory);
        await watch.LookAsync(default);
        Assert.Equal(2, Checkpoint.Parse(watch.Cosigner.Cosigned!.Text)!.Size);
    }

    [Fact]
    public async Task A_directory_that_a_mirror_shows_and_the_log_does_not_have_is_found()
    {
        using var watch = Watch(new MirrorSettings { Directory = _elsewhere.Url.ToString() });
        _elsewhere.Directory = _issuer.Directory;
        await watch.LookAsync(default);
        Assert.Empty(_findings.All);
        _elsewhere.Directory = TestDirectories.WithKeys(66);
        await watch.LookAsync(default);
        Assert.Equal((Finding.NotLogged, _elsewhere.Url.ToString()), Assert.Single(_findings.All) is var found ? (found.Kind, found.Place) : default);
        // The mirror may have made it up, so the issuer's log is cosigned all the same.
        _time.Advance(TimeSpan.FromHours(1));
        await watch.LookAsync(default);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeSeconds(), _signer.Key.Check(watch.Cosigner.Cosigned!)!.Value.Time.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task A_directory_that_a_proxy_was_shown_is_found_in_the_proxys_log()
    {
        using var watch = Watch(new MirrorSettings { LogUrl = _elsewhere.LogUrl.ToString(), LogKey = _elsewhere.Signer.Key.ToString() });
        _elsewhere.Append(_issuer.Directory!);
        _elsewhere.Append(TestDirectories.WithKeys(7), "another-issuer.example");
        await watch.LookAsync(default);
        Assert.Empty(_findings.All);
        _elsewhere.Append(TestDirectories.WithKeys(66));
        _elsewhere.Append(_issuer.Directory!);
        await watch.LookAsync(default);
        Assert.Equal((Finding.NotLogged, _elsewhere.LogUrl.ToString()), Assert.Single(_findings.All) is var found ? (found.Kind, found.Place) : default);
    }

    [Fact]
    public async Task A_log_that_forks_or_shrinks_is_found_with_the_checkpoint_it_signed()
    {
        using var watch = Watch();
        _issuer.Publish(TestDirectories.WithKeys(2));
        await watch.LookAsync(default);
        await using var fork = await LoggedIssuer.StartAsync(_time, _issuer.Signer);
        fork.Publish(TestDirectories.WithKeys(1));
        _issuer.Shown = fork.Log;
        await watch.LookAsync(default);
        Assert.Equal(Finding.Shrunk, Assert.Single(_findings.All).Kind);
        fork.Publish(TestDirectories.WithKeys(66));
        await watch.LookAsync(default);
        var forked = _findings.All[^1];
        Assert.Equal(Finding.Forked, forked.Kind);
        Assert.True(_issuer.Signer.Key.Check(SignedNote.Parse(File.ReadAllBytes(_data.File($"evidence/{forked.Evidence}")))!) is { IsGood: true });
    }

    [Fact]
    public async Task A_version_that_returns_after_others_is_found()
    {
        using var watch = Watch();
        _issuer.Publish(TestDirectories.WithKeys(2));
        await watch.LookAsync(default);
        Assert.Empty(_findings.All);
        _issuer.Publish(TestDirectories.WithKeys(1));
        await watch.LookAsync(default);
        Assert.Equal(Finding.Returned, Assert.Single(_findings.All).Kind);
    }

    [Fact]
    public async Task More_new_keys_than_a_rotation_needs_are_found()
    {
        using var watch = Watch();
        for (var key = 2; key < 7; key++)
        {
            await watch.LookAsync(default);
            Assert.Empty(_findings.All);
            _time.Advance(TimeSpan.FromHours(1));
            _issuer.Publish(TestDirectories.WithKeys(key));
        }

        await watch.LookAsync(default);
        Assert.Equal(Finding.ManyKeys, Assert.Single(_findings.All).Kind);
    }

    [Fact]
    public async Task What_was_found_is_known_after_a_restart_and_not_told_again()
    {
        _issuer.Directory = TestDirectories.WithKeys(66);
        using (var watch = Watch()) await watch.LookAsync(default);
        _findings = Findings();
        Assert.Single(_findings.All);
        using (var watch = Watch()) await watch.LookAsync(default);
        Assert.Single(_findings.All);
    }

    [Fact]
    public async Task A_place_that_cannot_be_looked_at_is_told_and_the_others_are_looked_at()
    {
        using var watch = Watch(new MirrorSettings { Directory = _elsewhere.Url.ToString() });
        Assert.Contains("answered 500", Assert.Single(await watch.LookAsync(default)), StringComparison.Ordinal);
        Assert.NotNull(watch.Cosigner.Cosigned);
        Assert.Null(watch.Looked);
    }

    private Findings Findings() => new(_data.Path, _time, new LoggerFactory([_logs]).CreateLogger<Findings>());

    private IssuerWatch Watch(params MirrorSettings[] mirrors) => new(
        new AuditedIssuerSettings { Directory = _issuer.Url.ToString(), LogKey = _issuer.Signer.Key.ToString(), Mirrors = mirrors }, _signer, _findings, _data.Path, _time);
}
