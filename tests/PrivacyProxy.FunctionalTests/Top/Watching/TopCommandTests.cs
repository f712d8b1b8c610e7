namespace PrivacyProxy.FunctionalTests.Top.Watching;

/// <summary><c>top</c> as a process of its own.</summary>
public sealed class TopCommandTests
{
    [Fact]
    public async Task With_nobody_there_it_ends_with_1_and_one_line() =>
        await FailsAsync($"http://127.0.0.1:{FreePort.Next()}", "cannot be reached: Connection refused.");

    [Theory]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("127.0.0.1:9090")]
    [InlineData("")]
    public async Task A_URL_that_is_not_http_is_refused_by_name(string url) =>
        await FailsAsync(url, $"--management: '{url}' is not an http:// or https:// URL such as http://127.0.0.1:9090.");

    [Fact]
    public async Task An_endpoint_that_is_not_a_proxys_is_named_as_such()
    {
        await using var other = await FakeManagement.StartAsync("go_goroutines 12\n", FreePort.Next());
        await FailsAsync(other.Url, "is not a PrivacyProxy's: it has no privacy_proxy_ metrics.");
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_the_end()
    {
        await using var large = await FakeManagement.StartAsync(new string('x', 17 * 1024 * 1024), FreePort.Next());
        await FailsAsync(large.Url, "answers with more than 16 MiB.");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("61")]
    [InlineData("soon")]
    public async Task An_interval_out_of_range_is_refused(string interval)
    {
        var result = await ChildProcess.RunProductAsync(["top", "--interval", interval]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--interval", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Once_with_an_interval_shows_the_figures_of_that_time()
    {
        await using var proxy = await FakeManagement.StartAsync(RecordedProxy.Later, FreePort.Next(), "draining");
        var result = await ChildProcess.RunProductAsync(["top", "--management", proxy.Url, "--once", "--interval", "1"]);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Matches("draining +figures of [1-9][0-9.]* s\n", result.Output);
        Assert.Matches("accepted +106 +0 ", result.Output);
    }

    [Fact]
    public async Task A_proxy_that_goes_away_is_waited_for_and_taken_up_again()
    {
        var port = FreePort.Next();
        ChildProcess top;
        await using (var first = await FakeManagement.StartAsync(RecordedProxy.Earlier, port))
        {
            top = ChildProcess.StartProduct(["top", "--management", first.Url, "--interval", "1"]);
            await top.WaitForOutputAsync(static line => line.EndsWith("  ready", StringComparison.Ordinal));
        }

        await using (top)
        {
            await top.WaitForOutputAsync(static line => line.EndsWith("NO ANSWER", StringComparison.Ordinal));
            await top.WaitForOutputAsync(static line => line.StartsWith("for ", StringComparison.Ordinal) && line.Contains("cannot be reached", StringComparison.Ordinal));
            await using var second = await FakeManagement.StartAsync(RecordedProxy.Later, port);
            // Only the second one has redeemed so many.
            await top.WaitForOutputAsync(static line => line.Contains("  accepted                   106", StringComparison.Ordinal));
            Assert.DoesNotContain('\u001b', top.Output.Text);
            Assert.Equal(0, await top.TerminateAsync());
            Assert.Equal("", top.Errors.Text);
        }
    }

    [SkippableFact]
    public async Task It_ends_when_the_reader_of_its_output_has_gone()
    {
        Skip.IfNot(File.Exists("/usr/bin/head"), "head is not installed");
        await using var proxy = await FakeManagement.StartAsync(RecordedProxy.Later, FreePort.Next());
        var result = await ChildProcess.RunAsync("/bin/sh", ["-c", $"dotnet exec '{Product.Assembly}' top --management {proxy.Url} --interval 1 | head -n 1"]);
        Assert.StartsWith("privacy-proxy top", result.Output, StringComparison.Ordinal);
        Assert.Equal("", result.Errors);
    }

    private static async Task FailsAsync(string url, string message)
    {
        var result = await ChildProcess.RunProductAsync(["top", "--management", url, "--once"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.StartsWith("top: ", result.Errors, StringComparison.Ordinal);
        Assert.EndsWith(message, result.Errors.TrimEnd('\n'), StringComparison.Ordinal);
        Assert.Single(result.ErrorLines);
    }
}
