using System.Text.Json;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Telemetry;

/// <summary>What a running proxy writes to its standard streams.</summary>
public sealed class LogFormatTests
{
    private const string Warning = "WHO VISITS WHAT IS WRITTEN";

    [Fact]
    public async Task Json_is_one_object_a_line_on_standard_error_and_standard_output_holds_the_ready_line_alone()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await StartAsync(
            ("PrivacyProxy__Telemetry__Logs__Format", "Json"), ("PrivacyProxy__Telemetry__Debug__IncludeDestinations", "true"), ("Logging__LogLevel__PrivacyProxy", "Trace"));
        await UseAsync(proxy, origin);
        Assert.Equal(0, await proxy.TerminateAsync());

        var lines = proxy.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        foreach (var line in lines)
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
            Assert.EndsWith("Z", json.RootElement.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
            Assert.NotEmpty(json.RootElement.GetProperty("LogLevel").GetString()!);
            Assert.NotEmpty(json.RootElement.GetProperty("Category").GetString()!);
            Assert.NotEmpty(json.RootElement.GetProperty("Message").GetString()!);
        }

        Assert.Contains(lines, static line => line.Contains(Warning, StringComparison.Ordinal));
        Assert.StartsWith("ready ", Assert.Single(proxy.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Logging__LogLevel__Default", "Trace")]
    [InlineData("Logging__LogLevel__PrivacyProxy", "Trace")]
    [InlineData("Logging__Console__LogLevel__Default", "Trace")]
    public async Task A_low_level_for_all_or_for_our_categories_does_not_open_the_frameworks(string key, string value)
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await StartAsync((key, value));
        await UseAsync(proxy, origin);
        Assert.Equal(0, await proxy.TerminateAsync());
        // The proxy's own come through, so the level was taken.
        Assert.Contains("dbug: PrivacyProxy.", proxy.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(": Microsoft.", proxy.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(": System.", proxy.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Logging__LogLevel__Microsoft.AspNetCore", "Debug")]
    [InlineData("Logging__Console__LogLevel__Microsoft.AspNetCore", "Debug")]
    public async Task Asked_for_by_name_the_frameworks_lines_are_there(string key, string value)
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await StartAsync((key, value));
        await UseAsync(proxy, origin);
        Assert.Equal(0, await proxy.TerminateAsync());
        Assert.Contains(": Microsoft.AspNetCore.", proxy.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Destinations_in_logs_are_warned_of_at_every_start(string included, bool warns)
    {
        await using var proxy = await StartAsync(("PrivacyProxy__Telemetry__Debug__IncludeDestinations", included));
        Assert.Equal(0, await proxy.TerminateAsync());
        Assert.Equal(warns ? 1 : 0, proxy.Errors.Split('\n').Count(static line => line.StartsWith("warn:", StringComparison.Ordinal) && line.Contains(Warning, StringComparison.Ordinal)));
    }

    private static Task<ProxyProcess> StartAsync(params (string Key, string Value)[] settings) => ProxyProcess.StartAsync(
        ["--psk", ProductFixture.PresharedKey, "--allow-private", "--allow-ports", "any"],
        settings.ToDictionary(static setting => setting.Key, static setting => setting.Value, StringComparer.Ordinal));

    /// <summary>A tunnel and two refusals, over both versions.</summary>
    private static async Task UseAsync(ProxyProcess proxy, TcpOrigin origin)
    {
        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http2, origin.Authority, ProductFixture.Preshared))
        {
        }

        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority)).Status);
        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http2Tls, origin.Authority)).Status);
    }
}
