using System.Text;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>The <c>sh</c> blocks of a page of docs/, run as a reader would: in one bash, in order, at the root of the checkout.</summary>
internal static class DocumentedCommands
{
    private const string Mark = "@@ ";

    /// <summary>Runs them all; what was printed under each heading of the page.</summary>
    /// <param name="page">Its path below docs/.</param>
    /// <param name="settings">Values for the variables that the page lets its reader set.</param>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(string page, IReadOnlyDictionary<string, string> settings)
    {
        using var directory = new TemporaryDirectory();
        var script = directory.File("script");
        var (text, headings) = Script(await File.ReadAllLinesAsync(Path.Combine(Product.RepositoryRoot!, "docs", page)));
        await File.WriteAllTextAsync(script, text);
        await using var bash = ChildProcess.Start("bash", [script], settings);
        // One after the other, so that each has the whole patience.
        foreach (var heading in headings) await bash.WaitForOutputAsync(line => line == Mark + heading);
        var code = await bash.WaitForExitAsync();
        Assert.True(code == 0, $"The commands of {page} ended with {code}:\n{bash.Log}");
        return bash.Output.Text.Split(Mark)[1..].ToDictionary(static part => part[..part.IndexOf('\n', StringComparison.Ordinal)], StringComparer.Ordinal);
    }

    /// <summary>The blocks as one script that says under which heading it is, and leaves nothing running if a command fails.</summary>
    private static (string Text, IReadOnlyList<string> Headings) Script(string[] lines)
    {
        var script = new StringBuilder("set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n").AppendLine($"cd '{Product.RepositoryRoot}'");
        var headings = new List<string>();
        var (heading, isBlock) = ("", false);
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) isBlock = line == "```sh";
            else if (isBlock) script.AppendLine(line);
            else if (line.StartsWith("## ", StringComparison.Ordinal)) heading = line[3..];
            if (line != "```sh" || headings.LastOrDefault() == heading) continue;
            headings.Add(heading);
            script.AppendLine($"echo '{Mark}{heading}'");
        }

        Assert.NotEmpty(headings);
        return (script.ToString(), headings);
    }
}
