using System.CommandLine;
using System.CommandLine.Parsing;
using PrivacyProxy.Commands;
using PrivacyProxy.LoadTests;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>
/// Commands that take minutes, or that stand within a sentence: their project is there, and its command line takes them. What the
/// scenarios do is proved by the load tests' own tests.
/// </summary>
public sealed class LoadTestCommandTests
{
    internal const string Start = "dotnet run --project loadtests/PrivacyProxy.LoadTests -c Release -- nagle";

    private const string Load = "dotnet run --project loadtests/PrivacyProxy.LoadTests -c Release --";

    /// <summary>Flags of others' programs that pages speak of.</summary>
    private static readonly string[] _foreign = ["--ulimit", "--enable-feature", "--proxy-header", "--proxy-anyauth", "--socks5-hostname", "--proxy-http3", "--proxy-bypass-list", "--proxy-server", "--server-timeout-ms", "--disable-miss-on-get-errors"];

    [SkippableFact]
    public async Task The_readmes_scenarios_are_there_and_take_their_flags()
    {
        var lines = DocumentPages.Block("README.md", Start).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        foreach (var line in lines) IsTaken(line);
        // One of them through dotnet run, as the reader does; the Release build is what the tests came with.
        var command = lines[0].Replace("dotnet run", "dotnet run --no-build", StringComparison.Ordinal);
        var result = await ChildProcess.RunAsync("bash", ["-c", $"cd '{Product.RepositoryRoot}'; {command} --checks 20 --seconds 1"]);
        if (result.Errors.Contains("memcached", StringComparison.Ordinal)) Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("Three writes", result.Output, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableFact]
    public void Every_command_within_a_sentence_is_taken()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Assert.Contains($"`LOAD` below is `{Load}`", DocumentPages.Read("docs/benchmarks.md"), StringComparison.Ordinal);
        var commands = DocumentPages.All.SelectMany(DocumentPages.InlineCode).Where(static code => !code.Contains("...", StringComparison.Ordinal) || code.StartsWith("BENCH_HOME=", StringComparison.Ordinal)).Distinct().ToList();
        Assert.All(commands.Where(static code => code.StartsWith("LOAD ", StringComparison.Ordinal) || code.StartsWith("dotnet ", StringComparison.Ordinal) || code.StartsWith("privacy-proxy ", StringComparison.Ordinal)
            || code.StartsWith("BENCH_HOME=", StringComparison.Ordinal)), IsTaken);
        Assert.True(commands.Count(static code => code.StartsWith("LOAD ", StringComparison.Ordinal)) > 5);
    }

    [SkippableFact]
    public void Every_flag_that_a_page_names_is_one_of_ours()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var ours = Flags(RootCommandFactory.Create()).Concat(Flags(LoadTestProgram.CreateRoot())).Concat(_foreign).ToHashSet(StringComparer.Ordinal);
        var named = DocumentPages.All.SelectMany(page => DocumentPages.InlineCode(page).Where(static code => code.StartsWith("--", StringComparison.Ordinal))
            .SelectMany(static code => code.Split([' ', '|', '=', '[', '\n'])).Where(static word => word.StartsWith("--", StringComparison.Ordinal) && word.Length > 2).Select(word => $"{page}: {word}")).Distinct();
        var unknown = named.Where(flag => !ours.Contains(flag.Split(": ")[1])).ToList();
        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
    }

    private static IEnumerable<string> Flags(Command command) => command.Options.Select(static option => option.Name).Concat(command.Subcommands.SelectMany(Flags));

    private static void IsTaken(string command)
    {
        var words = CommandLineParser.SplitCommandLine(command.Replace('\'', '"')).ToList();
        if (words[0].Contains('=', StringComparison.Ordinal)) words.RemoveAt(0);
        if (words[0] == "LOAD") words = [.. Load.Split(' '), .. words[1..]];
        if (words[0] == "privacy-proxy")
        {
            // A command's name alone speaks of the command.
            if (words.Count == 2 && RootCommandFactory.Create().Subcommands.Any(known => known.Name == words[1])) return;
            Parse(RootCommandFactory.Create(), words[1..], command);
            return;
        }

        Assert.Equal("dotnet", words[0]);
        // The SDK's own commands, spoken of.
        if (words.Count == 2 || words[1] == "tool") return;
        var project = words.FirstOrDefault(static word => word.Contains('/', StringComparison.Ordinal) || word.EndsWith(".sln", StringComparison.Ordinal));
        Assert.True(Path.Exists(Path.Combine(Product.RepositoryRoot!, project!)), command);
        var rest = words.IndexOf("--") is var at and > 0 ? words[(at + 1)..] : null;
        if (rest is not { Count: > 0 }) return;
        switch (Path.GetFileName(project))
        {
            case "PrivacyProxy.LoadTests": Parse(LoadTestProgram.CreateRoot(), rest, command); break;
            case "PrivacyProxy": Parse(RootCommandFactory.Create(), rest, command); break;
            // BenchmarkDotNet's own command line.
            default: Assert.Equal("PrivacyProxy.Benchmarks", Path.GetFileName(project)); break;
        }
    }

    private static void Parse(RootCommand root, List<string> words, string command)
    {
        var errors = root.Parse(words).Errors;
        Assert.True(errors.Count == 0, $"{command}: {string.Join(' ', errors.Select(static error => error.Message))}");
    }
}
