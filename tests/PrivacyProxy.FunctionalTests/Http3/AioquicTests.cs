using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Http3;

/// <summary>tests/tools/h3_tunnel.py, the second client for real QUIC: that it can do what it is for, on machines without libmsquic too.</summary>
public sealed class AioquicTests
{
    [SkippableFact]
    public async Task The_aioquic_client_opens_a_tunnel_through_an_echo_of_its_own()
    {
        var (python, script) = Require();
        using var directory = new TemporaryDirectory();
        using (var certificate = TestCertificate.Create())
        {
            await File.WriteAllTextAsync(directory.File("certificate.pem"), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(directory.File("key.pem"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        await using var client = ChildProcess.Start(
            python, script, "--self-test", "--certificate", directory.File("certificate.pem"), "--key", directory.File("key.pem"));
        var lines = await client.WaitForOutputAsync(static line => line.StartsWith("200 ", StringComparison.Ordinal));
        Assert.EndsWith(" ping", lines[0], StringComparison.Ordinal);
    }

    [SkippableFact]
    [SupportedOSPlatform("linux")]
    public async Task Aioquic_opens_a_tunnel_through_the_proxy_over_real_quic()
    {
        await using var proxy = await QuicProxy.StartAsync();
        var (python, script) = Require();
        await using var origin = TcpOrigin.Echo();
        await using var client = ChildProcess.Start(
            python, script, "--port", $"{proxy.Port}", "--authority", $"127.0.0.1:{origin.Port}", "--authorization", QuicProxy.Credentials);
        var lines = await client.WaitForOutputAsync(static line => line.StartsWith("200 ", StringComparison.Ordinal));
        Assert.EndsWith(" ping", lines[0], StringComparison.Ordinal);
        // SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 9220).
        Assert.Contains("8: 1", lines[0], StringComparison.Ordinal);
    }

    [SkippableFact]
    [SupportedOSPlatform("linux")]
    public async Task Aioquic_carries_udp_in_datagrams_beside_its_stream_both_ways()
    {
        await using var proxy = await QuicProxy.StartAsync();
        var (python, script) = Require("h3_udp.py");
        using var echo = new UdpEcho();
        await using var client = ChildProcess.Start(python, script, "--port", $"{proxy.Port}", "--target", $"{echo.Port}", "--authorization", QuicProxy.Credentials);
        var lines = await client.WaitForOutputAsync(static line => line.StartsWith("200 ", StringComparison.Ordinal));
        // SETTINGS_H3_DATAGRAM (RFC 9297); what was sent with the request, then three sizes, and nothing on the stream.
        Assert.Contains("51: 1", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" early 0 1 1000 capsules:0", lines[0], StringComparison.Ordinal);
    }

    [SkippableFact]
    [SupportedOSPlatform("linux")]
    public async Task An_http3_download_runs_inside_the_datagrams_of_aioquic()
    {
        await using var proxy = await QuicProxy.StartAsync();
        var (python, script) = Require("h3_udp.py");
        await using var origin = await Http3Origin.StartAsync();
        await using var client = ChildProcess.Start(
            python, script, "--port", $"{proxy.Port}", "--target", $"{origin.Url.Port}", "--authorization", QuicProxy.Credentials, "--http3", "/bytes/500000");
        var lines = await client.WaitForOutputAsync(static line => line.StartsWith("200 ", StringComparison.Ordinal));
        Assert.EndsWith(" 500000 capsules:0", lines[0], StringComparison.Ordinal);
    }

    private static (string Python, string Script) Require(string script = "h3_tunnel.py")
    {
        var python = SidProgram.Require("sidpy");
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout: tests/tools is not here");
        return (python, Path.Combine(Product.RepositoryRoot!, "tests/tools", script));
    }
}
