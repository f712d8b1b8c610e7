using Microsoft.Extensions.Logging;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Upstream;

/// <summary>A proxy's certificate that is not trusted: said once, with what helps.</summary>
public sealed class TrustNoticeTests : IDisposable
{
    private readonly CapturedLog _log = new();
    private readonly TokenMint _mint = new();
    private readonly ILoggerFactory _loggers;

    public TrustNoticeTests() => _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));

    [Theory]
    [InlineData("Auto")]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task It_is_said_once_in_one_line_that_names_the_remedy(string version)
    {
        using var certificate = TestCertificate.Create();
        await using var proxy = new FakeProxy(_mint, certificate);
        await using var relay = Start(proxy, Enum.Parse<UpstreamVersion>(version));
        for (var i = 0; i < 3; i++) await RefusedAsync(relay);
        var line = Assert.Single(_log.Lines, line => line.Contains("certificate", StringComparison.Ordinal));
        Assert.Contains("--proxy-ca FILE", line);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task A_file_of_authorities_that_was_written_anew_is_read_again()
    {
        using var old = TestCertificate.Create();
        using var current = TestCertificate.Create();
        await using var echo = LoopbackServer.Echo();
        await using var proxy = new FakeProxy(_mint, current);
        var file = Path.Combine(Directory.CreateTempSubdirectory("relay-").FullName, "ca.pem");
        try
        {
            await File.WriteAllTextAsync(file, old.ExportCertificatePem());
            var written = File.GetLastWriteTimeUtc(file);
            await using var relay = Start(proxy, UpstreamVersion.Http1, file);
            await RefusedAsync(relay);
            await File.WriteAllTextAsync(file, current.ExportCertificatePem());
            // As when both are written within a tick of the system's clock.
            File.SetLastWriteTimeUtc(file, written);
            await using (await relay.OpenEchoAsync(echo.Port))
            {
            }

            Assert.Single(_log.Lines, line => line.Contains("certificate", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _mint.Dispose();
    }

    private static async Task RefusedAsync(TestRelay relay)
    {
        await using var client = await relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", 443));
    }

    private TestRelay Start(FakeProxy proxy, UpstreamVersion version, string? file = null) => TestRelay.Start(
        _mint,
        new RelayOptions { Listen = "127.0.0.1:0", Proxies = [proxy.Url.ToString()], Issuers = ["https://issuer.example"], Upstream = version, ProxyCa = file },
        _loggers);
}
