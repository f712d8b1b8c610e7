using System.Globalization;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>docs/finding-a-stall.md: its commands work and show what its text says.</summary>
public sealed class FindingAStallTests
{
    [SkippableFact]
    public async Task The_exercise_names_the_node_that_takes_40_ms_and_sees_it_healed()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        Skip.IfNot(File.Exists(Path.Combine(Product.RepositoryRoot!, "src/PrivacyProxy/bin/Release/net10.0/privacy-proxy.dll")), "the exercise runs the Release build");
        using var directory = new TemporaryDirectory();
        var (healthy, stalling) = (FreePort.Next(), FreePort.Next());
        var said = await DocumentedCommands.RunAsync("finding-a-stall.md", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DIR"] = directory.File("exercise"),
            ["ISSUER_PORT"] = Text(FreePort.Next()),
            ["PROXY_PORT"] = Text(FreePort.Next()),
            ["MANAGEMENT_PORT"] = Text(FreePort.Next()),
            ["HEALTHY_PORT"] = Text(healthy),
            ["STALLING_PORT"] = Text(stalling),
        });

        var slow = Tunnels(said["What the users see"]);
        Assert.Equal(20, slow.Count);
        // Look-up and spend, 40 ms each.
        Assert.Contains(slow, static seconds => seconds >= 0.08);

        var metrics = said["See it in the metrics"];
        Assert.True(Value(metrics, "double_spend_check", "le=\"+Inf\"") > Value(metrics, "double_spend_check", "le=\"0.02\""), metrics);
        Assert.True(Value(metrics, "node_seconds_bucket", Text(healthy)) > 0, metrics);
        Assert.Equal(0, Value(metrics, "node_seconds_bucket", Text(stalling)));
        Assert.True(Value(metrics, "node_seconds_count", Text(stalling)) > 0, metrics);

        IsTraceOfTheStall(said["Follow an exemplar to a trace"], stalling);
        Assert.Contains("Three writes with Nagle's algorithm", said["Name the cause"], StringComparison.Ordinal);

        var healed = said["Heal it, and see it gone"];
        Assert.Equal(20, Tunnels(healed).Count);
        Assert.True(Value(healed, "node_seconds_bucket", Text(stalling)) > 0, healed);
        Assert.Contains("stall ended cleanly\nthe proxy ended cleanly", said["Clean up"], StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory.File("exercise")));
    }

    /// <summary>The exemplar's id is that of a trace whose look-up or spend took the time, at the node that stalls.</summary>
    private static void IsTraceOfTheStall(string said, int stalling)
    {
        var id = Regex.Match(said, "trace_id=\"([0-9a-f]{32})\"").Groups[1].Value;
        var tree = said[said.IndexOf($"trace {id}", StringComparison.Ordinal)..];
        var times = Regex.Matches(tree, @"^ *(?<span>\S+) +[\d.]+ +(?<ms>[\d.]+) +(?<attributes>.*)$", RegexOptions.Multiline)
            .Select(static match => (Span: match.Groups["span"].Value, Milliseconds: double.Parse(match.Groups["ms"].Value, CultureInfo.InvariantCulture), Attributes: match.Groups["attributes"].Value)).ToList();
        Assert.Contains(times, static span => span is { Span: "tunnel", Milliseconds: >= 30 });
        Assert.Contains(times, static span => span is { Span: "double_spend.lookup" or "double_spend.spend", Milliseconds: >= 30 });
        Assert.Contains(times, span => span is { Span: "store.node", Milliseconds: >= 30 } && span.Attributes.Contains($"127.0.0.1:{stalling}", StringComparison.Ordinal));
    }

    /// <summary>Seconds of each tunnel; fails unless all were opened.</summary>
    private static IReadOnlyList<double> Tunnels(string said) =>
        [.. Regex.Matches(said, @"^200 (?<seconds>\d+\.\d+)$", RegexOptions.Multiline).Select(static match => double.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture))];

    /// <summary>The value of the first sample whose line has all these.</summary>
    private static double Value(string said, params string[] parts) =>
        double.Parse(said.Split('\n').First(line => parts.All(part => line.Contains(part, StringComparison.Ordinal))).Split(' ')[^1], CultureInfo.InvariantCulture);

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
