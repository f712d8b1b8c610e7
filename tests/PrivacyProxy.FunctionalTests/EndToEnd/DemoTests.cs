using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>The first thing anybody runs.</summary>
[Collection(ProductCollection.Name)]
public sealed class DemoTests(ProductFixture product)
{
    [Fact]
    public async Task Demo_once_walks_a_request_through_and_exits_with_0_in_plain_text()
    {
        var result = await ChildProcess.RunProductAsync(["demo", "--once"]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.All(["token", "tunnel", "refused", " ms"], word => Assert.Contains(word, result.Output, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("Exception", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_demos_do_not_disturb_each_other()
    {
        var results = await Task.WhenAll(ChildProcess.RunProductAsync(["demo", "--once"]), ChildProcess.RunProductAsync(["demo", "--once"]));
        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.Output + result.Errors));
    }

    [Theory]
    [InlineData("issuer")]
    [InlineData("origin")]
    public async Task With_a_part_broken_it_exits_with_1_and_names_the_part(string part)
    {
        var result = await ChildProcess.RunProductAsync(["demo", "--once", "--break", part]);
        Assert.True(result.ExitCode == 1, result.Output + result.Errors);
        Assert.Contains(part, result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("failed", result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_an_origin_that_refuses_it_exits_with_1_and_says_why()
    {
        var result = await ChildProcess.RunProductAsync(["demo", $"https://localhost:{FreePort.Next()}/", "--once"]);
        Assert.True(result.ExitCode == 1, result.Output + result.Errors);
        Assert.Contains("connection_refused", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_an_origin_whose_certificate_it_cannot_trust_it_exits_with_1()
    {
        var result = await ChildProcess.RunProductAsync(["demo", product.Web.Tls.ToString(), "--once"]);
        Assert.True(result.ExitCode == 1, result.Output + result.Errors);
        Assert.Contains("certificate", result.Output + result.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_is_no_URL_is_said_in_one_line()
    {
        var result = await ChildProcess.RunProductAsync(["demo", "ftp://nowhere", "--once"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("ftp://nowhere", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
