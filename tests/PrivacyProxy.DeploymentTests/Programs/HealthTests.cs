namespace PrivacyProxy.DeploymentTests.Programs;

/// <summary><c>health</c>, by which an image without a shell is looked after.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task It_tells_how_a_proxy_is_by_flags_by_its_settings_and_that_there_is_none()
    {
        await using var proxy = await ProxyProcess.StartAsync(["--issuer", $"i.example=http://127.0.0.1:{FreePort.Next()}/", "--psk", "k"]);
        var all = $"http://*:{proxy.Management.Port}";
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__Management"] = all };

        var alive = await ChildProcess.RunProductAsync(["health"], settings);
        Assert.Equal((0, "ok"), (alive.ExitCode, alive.Output.Trim()));
        var ready = await ChildProcess.RunProductAsync(["health", "--ready", "--management", all]);
        Assert.Equal(1, ready.ExitCode);
        Assert.Contains("no keys of issuer i.example", ready.Output, StringComparison.Ordinal);
        var gone = await ChildProcess.RunProductAsync(["health", "--management", $"http://127.0.0.1:{FreePort.Next()}"]);
        Assert.Equal(1, gone.ExitCode);
        Assert.Contains("does not answer", gone.Errors, StringComparison.Ordinal);
        var none = await ChildProcess.RunProductAsync(["health", "--management", "none"]);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("--management is \"none\": expected an http:// or https:// URL", none.Errors, StringComparison.Ordinal);
    }
}
