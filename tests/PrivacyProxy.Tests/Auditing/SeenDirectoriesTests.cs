using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Tests.Configuration;
using TransparencyLog.Notes;

namespace PrivacyProxy.Tests.Auditing;

/// <summary>The log that a proxy keeps of what it was shown is never in a tunnel's way, and cannot be made to fill the disk.</summary>
public sealed class SeenDirectoriesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly RecordingLogs _logs = new();
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_version_is_appended_once_while_it_stays_the_issuers_last()
    {
        using var options = Options();
        using var seen = Open(options);
        foreach (var name in (string[])["a.example", "b.example", "a.example", "b.example"]) seen.Append(name, TestDirectories.WithKeys(1));
        Assert.Equal(2, SizeOf(seen));
        seen.Append("a.example", TestDirectories.WithKeys(2));
        Assert.Equal(3, SizeOf(seen));
    }

    [Fact]
    public void An_issuer_that_shows_another_version_each_time_is_told_of_and_fills_no_disk()
    {
        using var options = Options();
        using var seen = Open(options);
        for (var key = 0; key < 105; key++) seen.Append("a.example", TestDirectories.WithKeys(key));
        seen.Append("b.example", TestDirectories.WithKeys(1));
        Assert.Equal(101, SizeOf(seen));
        Assert.Single(_logs.Lines, static line => line.Contains("a.example has shown 100 versions", StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromDays(1));
        seen.Append("a.example", TestDirectories.WithKeys(200));
        Assert.Equal(102, SizeOf(seen));
    }

    [Fact]
    public void A_log_that_cannot_be_kept_is_said_once_and_throws_nothing()
    {
        File.WriteAllText(_data.File("file"), "");
        using var options = Options(("KeyLog:Folder", _data.File("file/log")));
        using var seen = Open(options);
        for (var i = 0; i < 3; i++) seen.Append("a.example", TestDirectories.WithKeys(i));
        Assert.Null(seen.Log);
        Assert.Single(_logs.Lines);
    }

    [Fact]
    public void A_log_that_is_off_writes_nothing()
    {
        using var options = Options(("KeyLog:Enabled", "false"));
        using var seen = Open(options);
        seen.Append("a.example", TestDirectories.WithKeys(1));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_data.Path));
    }

    private static long SizeOf(SeenDirectories seen) => Checkpoint.Parse(seen.Log!.Log.Head.Text)!.Size;

    private TestOptions Options(params (string Key, string Value)[] settings) => TestOptions.Of([("Authentication:Required", "false"), ("Tls:Data", _data.Path), .. settings]);

    private SeenDirectories Open(TestOptions options) => new(
        options.Of(static options => options.KeyLog), options.Of(static options => options.Tls), TestOptions.Identity(), _time, new LoggerFactory([_logs]).CreateLogger<SeenDirectories>());
}
